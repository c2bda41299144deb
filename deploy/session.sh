#!/bin/sh
# What cage shows: the screen turned as the machine stands, then the kiosk.
# KIOSK_TRANSFORM (in /etc/kiosk/environment) is 90, 180 or 270 for a panel that hangs on its side.
set -eu
if [ -n "${KIOSK_TRANSFORM:-}" ]; then
    for output in $(wlr-randr | awk '/^[^ ]/ {print $1}'); do
        wlr-randr --output "$output" --transform "$KIOSK_TRANSFORM"
    done
fi
exec "$(dirname "$0")/../.venv/bin/kiosk" run
