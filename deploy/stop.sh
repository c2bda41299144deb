#!/bin/sh
# Asks the kiosk, not the session around it, to end, and waits: a session that ends first takes the screen away
# under the running kiosk. What does not end within ten seconds systemd ends.
set -eu
pid_file=${RUNTIME_DIRECTORY:?}/pid
[ -e "$pid_file" ] || exit 0
pid=$(cat "$pid_file")
kill -TERM "$pid" 2>/dev/null || exit 0
tenths=0
while kill -0 "$pid" 2>/dev/null && [ "$tenths" -lt 100 ]; do
    sleep 0.1
    tenths=$((tenths + 1))
done
