#!/bin/sh
# Prepares a Debian 12 machine and this checkout: Debian packages, .venv, and the locked Python packages.
# Safe to run again: each part is skipped when it is already as wanted.
set -eu
cd "$(dirname "$0")/.."
lock=${1:-requirements.lock}

# Qt's libraries, the smart-card service, the barcode library, and what pyscard builds with.
packages="python3 python3-venv python3-dev gcc libc6-dev swig pkg-config libpcsclite-dev pcscd
libzbar0 libglib2.0-0 libegl1 libgl1 libxkbcommon-x11-0 libxcb-cursor0 libxcb-icccm4 libxcb-image0 libxcb-keysyms1
libxcb-render-util0 libxcb-xkb1 libxcb-shape0 libdbus-1-3 libfontconfig1 ca-certificates"
# The tests use the real other ends: a virtual card reader (it listens on the network: never on a kiosk),
# PostgreSQL, a browser for the progress page, the session of the unit (cage), SANE with its virtual scanner, a
# print service with a virtual printer, a voice, letter recognition (judges scans), the stock age tool, PDF readers,
# polkit and a file system for a stick.
[ "$lock" = requirements-dev.lock ] && packages="$packages vsmartcard-vpcd postgresql chromium git sane-utils libsane1
cage kbd xwayland espeak-ng vorbis-tools alsa-utils sane-airscan cups cups-ipp-utils tesseract-ocr tesseract-ocr-vie age
poppler-utils polkitd e2fsprogs"
[ "$lock" = requirements-dev.lock ] && ! command -v npm >/dev/null && packages="$packages nodejs npm"

missing=""
for package in $packages; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q "ok installed" || missing="$missing $package"
done
if [ -n "$missing" ]; then
    echo "Installing Debian packages:$missing"
    sudo=""
    [ "$(id -u)" = 0 ] || sudo=sudo
    if ! command -v ${sudo:-sh} >/dev/null; then
        echo "These Debian packages are missing and there is no sudo:$missing" >&2
        echo "Ask an administrator to run: apt-get install$missing" >&2
        exit 1
    fi
    $sudo apt-get update -q
    # shellcheck disable=SC2086
    DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -q --no-install-recommends $missing
fi

[ -x .venv/bin/python ] || /usr/bin/python3 -m venv .venv
stamp=$(cat "$lock" pyproject.toml | sha256sum)
stamp_file=.venv/.$lock.stamp
if [ "$(cat "$stamp_file" 2>/dev/null)" != "$stamp" ]; then
    .venv/bin/pip install --quiet --disable-pip-version-check --require-hashes -r "$lock"
    deploy/link_checkout.sh
    echo "$stamp" > "$stamp_file"
    # The development lock holds every package of the product at the same version.
    [ "$lock" = requirements.lock ] || cat requirements.lock pyproject.toml | sha256sum > .venv/.requirements.lock.stamp
fi

# Programs of others that judge ours live beside the environment, not in it: they are no part of the product.
if [ "$lock" = requirements-dev.lock ]; then
    stamp=$(cat tests/peers/*lock* | sha256sum)
    if [ "$(cat .peers/.stamp 2>/dev/null)" != "$stamp" ]; then
        [ -x .peers/python/bin/python ] || /usr/bin/python3 -m venv .peers/python
        .peers/python/bin/pip install --quiet --disable-pip-version-check --require-hashes \
            -r tests/peers/requirements.lock
        cp tests/peers/package.json tests/peers/package-lock.json .peers/
        (cd .peers && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error)
        echo "$stamp" > .peers/.stamp
    fi
    # The real NetworkManager, unpacked and never installed: installed, it would take over this machine's network.
    if [ ! -e .peers/networkmanager/usr/sbin/NetworkManager ]; then
        mkdir -p .peers/debs
        network="network-manager libnm0 libndp0 libteamdctl0 libmm-glib0 libjansson4 libpsl5 libcurl3-gnutls
libbluetooth3 libnewt0.52 libpolkit-gobject-1-0 libpolkit-agent-1-0"
        # shellcheck disable=SC2086
        if (cd .peers/debs && apt-get download -q $network); then
            for deb in .peers/debs/*.deb; do
                dpkg -x "$deb" .peers/networkmanager
            done
        else
            echo "NetworkManager could not be fetched (apt-get update, then again); its tests will skip" >&2
        fi
        rm -r .peers/debs
    fi
fi
