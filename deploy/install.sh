#!/bin/sh
# Makes a Debian 12 machine a kiosk, or brings an installed one into order: safe to run again at any time.
#
#   deploy/install.sh FILE.release PROVINCE.pub     as root; FILE.release is made by deploy/release.py
#
# The signature is checked before anything of the release is run. Where systemd does not run (a debootstrap folder,
# an image) everything is laid ready and nothing started.
set -eu
umask 022
[ $# -eq 2 ] || { sed -n '2,7s/^# \{0,1\}//p' "$0" >&2; exit 2; }
[ "$(id -u)" = 0 ] || { echo "install: run it as root" >&2; exit 1; }
. /etc/os-release
[ "${VERSION_CODENAME:-}" = bookworm ] || echo "install: made for Debian 12; this is ${PRETTY_NAME:-unknown}" >&2
release=$(realpath "$1")
key=$(realpath "$2")
here=$(cd "$(dirname "$0")" && pwd)
[ -d /run/systemd/system ] && systemd=yes || systemd=no

lay() {
    cmp -s "$1" "$2" || install -D -m 0644 "$1" "$2"
}

packages="python3 python3-venv openssl ca-certificates pcscd libccid libpcsclite1 libzbar0 libglib2.0-0
libegl1 libgl1 libxkbcommon-x11-0 libxcb-cursor0 libxcb-icccm4 libxcb-image0 libxcb-keysyms1 libxcb-render-util0
libxcb-xkb1 libxcb-shape0 libdbus-1-3 libfontconfig1 cage seatd kbd xwayland wlr-randr polkitd sane-utils
sane-airscan ipp-usb cups cups-client systemd-timesyncd network-manager wpasupplicant espeak-ng vorbis-tools
alsa-utils"
missing=""
for package in $packages; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q "ok installed" || missing="$missing $package"
done
if [ -n "$missing" ]; then
    apt-get update -q
    # shellcheck disable=SC2086
    DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $missing
fi

# systemd starts no unit with a group that does not exist.
for group in $(sed -n 's/^SupplementaryGroups=//p' "$here/../kiosk.service"); do
    getent group "$group" >/dev/null || groupadd --system "$group"
done
getent passwd kiosk >/dev/null ||
    useradd --system --user-group --home-dir /var/lib/kiosk --shell /usr/sbin/nologin kiosk
install -d -m 0755 /opt/kiosk/releases /etc/kiosk /etc/kiosk/csca
install -d -m 0700 -o kiosk -g kiosk /var/lib/kiosk
install -d -m 0755 /var/lib/kiosk-updates
lay "$key" /etc/kiosk/release.pub
# What a technician wrote is never overwritten.
[ -e /etc/kiosk/kiosk.toml ] || install -m 0640 -o root -g kiosk "$here/system/kiosk.toml" /etc/kiosk/kiosk.toml

lay "$here/system/50-kiosk.rules" /etc/polkit-1/rules.d/50-kiosk.rules
lay "$here/system/70-kiosk.rules" /etc/udev/rules.d/70-kiosk.rules

# The queue's key, sealed to this machine; a copy for the safe is shown once (docs/operations.md, Backup).
if [ "$systemd" = yes ] && [ ! -e /etc/credstore.encrypted/queue.key ] && [ ! -e /var/lib/kiosk/keys/queue.key ]; then
    install -d -m 0700 /etc/credstore.encrypted
    queue_key=$(openssl rand -hex 32)
    printf '%s' "$queue_key" | systemd-creds encrypt --name=queue.key - /etc/credstore.encrypted/queue.key
    echo "Key of the queue, for the safe; it is shown only now: $queue_key"
fi

# The units come before the release: the updater starts the service.
lay "$here/../kiosk.service" /etc/systemd/system/kiosk.service
lay "$here/system/kiosk-stick.service" /etc/systemd/system/kiosk-stick.service
lay "$here/system/kiosk-settle.service" /etc/systemd/system/kiosk-settle.service
lay "$here/system/kiosk-update.service" /etc/systemd/system/kiosk-update.service
lay "$here/system/kiosk-update.timer" /etc/systemd/system/kiosk-update.timer
if [ "$systemd" = yes ]; then
    systemctl daemon-reload
    udevadm control --reload
    # What is plugged in already gets its names, groups and power too.
    if ! udevadm trigger --action=change --subsystem-match=tty --subsystem-match=usbmisc \
        --subsystem-match=video4linux --subsystem-match=block --subsystem-match=usb ||
        ! udevadm settle --timeout=30; then
        echo "install: udev did not finish; unplug devices and plug them in again where /dev/kiosk lacks them" >&2
    fi
    systemctl restart polkit
fi
for unit in kiosk.service kiosk-settle.service kiosk-update.timer; do
    systemctl enable "$unit" 2>/dev/null
done
systemctl disable kiosk-update.service 2>/dev/null  # earlier releases took releases at every start

service=""
[ "$systemd" = yes ] || service=--no-service
version=$(tar -xOf "$release" release.json | python3 -c 'import json, sys; print(json.load(sys.stdin)["version"])')
if [ "$(basename "$(readlink /opt/kiosk/current 2>/dev/null || true)")" != "$version" ]; then
    # shellcheck disable=SC2086
    python3 "$here/update.py" $service take "$release"
fi
[ "$systemd" = no ] || systemctl start kiosk.service kiosk-update.timer
echo "install: $version is in place; next: /etc/kiosk/kiosk.toml, then \`kiosk enrol\` (docs/operations.md)"
