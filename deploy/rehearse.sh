#!/bin/sh
# Rehearses the installation in a fresh Debian 12 below a folder: deploy/rehearse.sh FILE.release PROVINCE.pub DIR
# As root, with debootstrap. Installs twice (the second time must change nothing), lets the installed kiosk walk a
# whole visit, then boots the folder under a systemd of its own until kiosk.service serves (without a screen).
# MIRROR, the address of Debian's packages, is taken from this machine's apt.
set -eu
umask 022
[ $# -eq 3 ] || { sed -n '2,5s/^# \{0,1\}//p' "$0" >&2; exit 2; }
release=$(realpath "$1")
key=$(realpath "$2")
root=$3
mirror=${MIRROR:-$(apt-cache policy base-files | awk '/https?:/ {print $2; exit}')}
[ -e "$root/etc/debian_version" ] || debootstrap --variant=minbase bookworm "$root" "$mirror"
cp /etc/resolv.conf "$root/etc/resolv.conf"
rm -rf "$root/root/rehearsal"
mkdir -p "$root/root/rehearsal"
cp "$release" "$root/root/rehearsal/kiosk.release"
cp "$key" "$root/root/rehearsal/province.pub"
tar -xf "$release" -C "$root/root/rehearsal" --wildcards 'deploy/*' kiosk.service
chmod +x "$root/root/rehearsal/deploy/"*.sh
mount -t proc proc "$root/proc"
mount --bind /dev "$root/dev"
trap 'umount -l "$root/proc" "$root/dev"' EXIT
inside() {
    chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 "$@"
}
state() {
    inside sh -c 'find /etc /opt/kiosk /var/lib/kiosk /lib/systemd -newer /root/rehearsal/first -type f \
        ! -name "*.lock" ! -name "*-" ! -path "/etc/ssl/*" ! -path "/etc/ld.so.cache"'
}
inside sh /root/rehearsal/deploy/install.sh /root/rehearsal/kiosk.release /root/rehearsal/province.pub
inside sh -c 'sleep 1; touch /root/rehearsal/first; sleep 1'
inside sh /root/rehearsal/deploy/install.sh /root/rehearsal/kiosk.release /root/rehearsal/province.pub
changed=$(state)
[ -z "$changed" ] || { echo "rehearse: the second installation changed: $changed" >&2; exit 1; }
inside sh -c 'cd /tmp && printf "data_dir = \"/tmp/visit/data\"\n" > visit.toml && mkdir -p visit &&
    chown kiosk visit && runuser -u kiosk -- env HOME=/tmp/visit QT_QPA_PLATFORM=offscreen \
    /opt/kiosk/current/.venv/bin/kiosk --config /tmp/visit.toml tour --out /tmp/visit/out >/dev/null &&
    ls /tmp/visit/out/summary.json && python3 /opt/kiosk/current/deploy/update.py list'
umount -l "$root/proc" "$root/dev"
trap - EXIT

unit=$root/etc/systemd/system/kiosk.service.d
mkdir -p "$unit"
printf '[Service]\nEnvironment=WLR_BACKENDS=headless WLR_RENDERER=pixman WLR_LIBINPUT_NO_DEVICES=1\n' \
    > "$unit/no-screen.conf"
rm -rf "$root/tmp/visit" "$root/tmp/visit.toml"
sh "$(dirname "$0")/boot.sh" "$root" &
machine=$!
trap 'kill "$machine" 2>/dev/null; wait "$machine"; rm -r "$unit"' EXIT
booted() {
    below=$machine
    while below=$(pgrep -P "$below"); do
        [ "$(cat "/proc/$below/comm")" != systemd ] || { echo "$below"; return; }
    done
}
go_in() {
    nsenter --target "$(booted)" --mount --uts --ipc --net --pid --cgroup --root --wd \
        env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin "$@"
}
serves() {
    [ -n "$(booted)" ] && go_in systemctl show kiosk.service --property=StatusText 2>/dev/null | grep -q "=serving"
}
tries=0
until serves; do
    tries=$((tries + 1))
    [ "$tries" -le 90 ] || { go_in journalctl --no-pager --lines=40; echo "rehearse: it does not serve" >&2; exit 1; }
    sleep 1
done
sleep 40  # longer than the watchdog's patience
[ "$(go_in systemctl show kiosk.service --property=NRestarts --value)" = 0 ] && serves ||
    { echo "rehearse: it did not stay up" >&2; exit 1; }
go_in systemctl --no-pager status kiosk.service | head -20
echo "rehearse: well"
