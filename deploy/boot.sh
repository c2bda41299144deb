#!/bin/sh
# Boots a Debian that lies below a folder as a machine of its own, under a systemd of its own; ends with it.
#
#   deploy/boot.sh ROOT                  as root; what it writes stays in ROOT
#   deploy/boot.sh ROOT SEED CHECKOUT    ROOT stays as it is: writes go to memory, the files below SEED lie over
#                                        those of ROOT, and CHECKOUT stands at /opt/kiosk/current
#
# Processes, mounts, control groups, names, devices and network are its own. Go in with
# `nsenter --target PID --mount --uts --ipc --net --pid --cgroup --root --wd`, PID being that of its systemd, or
# end it with a TERM to this script.
set -eu
umask 022

if [ "${1:-}" != --inside ]; then
    [ $# -eq 1 ] || [ $# -eq 3 ] || { sed -n '2,11s/^# \{0,1\}//p' "$0" >&2; exit 2; }
    groups=/sys/fs/cgroup
    [ ! -d "$groups/unified" ] || groups=$groups/unified
    group=$groups/kiosk-rehearsal-$$
    mkdir "$group"
    setsid sh -c 'echo $$ > "$1/cgroup.procs"; shift; exec "$@"' sh "$group" \
        unshare --mount --uts --ipc --net --pid --cgroup --fork --kill-child=KILL --propagation private \
        sh "$0" --inside "$@" &
    machine=$!
    trap 'kill -KILL "$machine" 2>/dev/null || :' TERM INT
    wait "$machine" || :
    wait "$machine" 2>/dev/null || :
    # The kernel takes a moment to end the last of them.
    tries=0
    until find "$group" -depth -type d -exec rmdir {} + 2>/dev/null || [ "$tries" -ge 50 ]; do
        tries=$((tries + 1))
        sleep 0.1
    done
    exit 0
fi

root=$2
memory=$(mktemp -d)
mount -t tmpfs -o mode=0755 rehearsal "$memory"
if [ $# -eq 4 ]; then
    mkdir "$memory/root" "$memory/upper" "$memory/work" "$memory/checkout" "$memory/checkout-work"
    cp -a "$3/." "$memory/upper"
    mkdir -p "$memory/upper/opt/kiosk/current"
    chmod 0755 "$memory/upper" "$memory/checkout"
    mount -t overlay -o "lowerdir=$root,upperdir=$memory/upper,workdir=$memory/work" overlay "$memory/root"
    mount -t overlay -o "lowerdir=$4,upperdir=$memory/checkout,workdir=$memory/checkout-work" \
        overlay "$memory/root/opt/kiosk/current"
    root=$memory/root
    # Its programs name the folder they were made for, which may be out of the kiosk's sight.
    chroot "$root" env -i PATH=/usr/bin:/bin sh /opt/kiosk/current/deploy/link_checkout.sh
else
    mount --bind "$root" "$root"
fi
mount -t proc proc "$root/proc"
mount -t sysfs -o ro sysfs "$root/sys"
mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup"
mount -t tmpfs -o mode=0755 dev "$root/dev"
mkdir "$root/dev/pts" "$root/dev/shm"
mount -t devpts -o newinstance,ptmxmode=0666 devpts "$root/dev/pts"
ln -s pts/ptmx "$root/dev/ptmx"
for node in null zero full random urandom tty; do
    : > "$root/dev/$node"
    mount --bind "/dev/$node" "$root/dev/$node"
done
mount -t tmpfs -o mode=0755 run "$root/run"
mount -t tmpfs -o mode=1777 tmp "$root/tmp"
mkdir "$root/run/outside"
hostname kiosk-rehearsal
ip link set lo up
cd "$root"
pivot_root . run/outside
umount -l /run/outside
mount --make-rshared /  # systemd hands credentials over through it
exec env -i container=rehearsal PATH=/usr/sbin:/usr/bin:/sbin:/bin /lib/systemd/systemd --system
