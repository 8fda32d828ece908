#!/usr/bin/env bash
# Proves the two commands on a machine that has nothing of ours: a fresh Debian 12 with the Swift toolchain and a clean
# clone of what is committed here, once as root, and in another such root as a user with sudo.
#
#   scripts/clean-room.sh DIRECTORY         an empty directory with 8 GB to spare; removed again unless KEEP=1
#   CLEAN_ROOM_BIND="/a /b"                 directories of this machine that must be visible inside too, such as one
#                                           with copies of Swift packages
#   CLEAN_ROOM_MIRROR=http://…/debian       where debootstrap gets Debian from; default: what apt uses here
#   CLEAN_ROOM_TARGETS="demo"               what to make; default: demo test
#
# Needs root, debootstrap and network access to the package mirrors this machine uses. apt's sources, keys and settings,
# pip's and git's settings are copied, so that packages come from inside as they do outside. Takes about 40 minutes.
set -euo pipefail
cd "$(dirname "$0")/.."

[ $# = 1 ] || { sed -n '2,/^set/s/^# \{0,1\}//p' "$0" | sed '$d' >&2; exit 2; }
[ "$(id -u)" = 0 ] || { echo 'clean-room: must run as root' >&2; exit 2; }
command -v debootstrap >/dev/null || { echo 'clean-room: debootstrap is missing: apt-get install debootstrap' >&2; exit 2; }
swift=$(readlink -f "$(command -v swift)") || { echo 'clean-room: there is no swift on PATH' >&2; exit 2; }
toolchain=${swift%/bin/swift*} # the directory that is mounted as /usr/local/swift inside
toolchain=${toolchain%/usr}

mkdir -p "$1"
room=$(cd "$1" && pwd)
[ -z "$(ls -A "$room")" ] || { echo "clean-room: $room is not empty" >&2; exit 2; }
base=$room/base
root= # of the user whose turn it is
began=$SECONDS

say() { printf '\n==== clean room, %d min: %s\n' $(((SECONDS - began) / 60)) "$1"; }

mounted=()
mount_in() { # SOURCE TARGET [OPTIONS]
    mkdir -p "$root$2"
    mount --bind "$1" "$root$2"
    mounted+=("$root$2")
    if [ "${3:-}" = ro ]; then mount -o remount,bind,ro "$root$2"; fi
}

leave_root() {
    local index
    for ((index = ${#mounted[@]} - 1; index >= 0; index--)); do
        umount "${mounted[index]}" 2>/dev/null || umount --lazy "${mounted[index]}" || true
    done
    mounted=()
    # Never through a mount that could not be taken away.
    if [ -n "$root" ] && [ -z "${KEEP:-}" ] && ! grep -q " $root/" /proc/self/mounts; then rm -rf --one-file-system "$root"; fi
}

leave() {
    local status=$?
    leave_root
    if [ -z "${KEEP:-}" ]; then rm -rf --one-file-system "$base"; fi
    exit "$status"
}
trap leave EXIT
trap 'exit 130' INT TERM

inside() { # USER COMMAND …: in a session without anything of this machine's environment but its proxies
    local user=$1 home
    shift
    home=$(chroot "$root" getent passwd "$user" | cut -d: -f6)
    chroot "$root" /usr/bin/env -i HOME="$home" USER="$user" LOGNAME="$user" LANG=C.UTF-8 TERM=dumb \
        PATH=/usr/local/swift/usr/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
        "${passed[@]}" setpriv --reuid "$user" --regid "$user" --init-groups "$@"
}

passed=()
for name in http_proxy https_proxy no_proxy HTTP_PROXY HTTPS_PROXY NO_PROXY PIP_INDEX_URL PIP_TRUSTED_HOST \
    PIP_CERT SSL_CERT_FILE GIT_SSL_CAINFO; do
    if [ -n "${!name:-}" ]; then passed+=("$name=${!name}"); fi
done

copy_in() { # FILE …: to the same place inside
    local file
    for file in "$@"; do
        [ -e "$file" ] || continue
        mkdir -p "$base$(dirname "$file")"
        # A link inside, read out here, would lead to this machine's own files: it is replaced, never followed.
        cp -aL --remove-destination "$file" "$base$(dirname "$file")/"
    done
}

say 'Debian 12'
mirror=${CLEAN_ROOM_MIRROR:-$(apt-get indextargets --format '$(SITE) $(RELEASE)' 'Created-By: Packages' |
    awk '$2 == "bookworm" { print $1; exit }')}
debootstrap --variant=minbase --include=ca-certificates,sudo,git,make,util-linux bookworm "$base" \
    "$mirror" >"$room/debootstrap.log" 2>&1 ||
    { tail -20 "$room/debootstrap.log" >&2; exit 1; }

say 'the mirrors and settings of this machine'
rm -rf "$base/etc/apt/sources.list" "$base/etc/apt/sources.list.d"
copy_in /etc/apt/sources.list /etc/apt/sources.list.d /etc/apt/apt.conf.d /etc/apt/apt.conf /etc/apt/auth.conf.d \
    /etc/apt/trusted.gpg.d /etc/apt/keyrings /usr/share/keyrings /etc/hosts /etc/resolv.conf \
    /etc/ssl/certs/ca-certificates.crt /usr/local/share/ca-certificates /etc/pip.conf /etc/xdg/pip
mapfile -t pip_files < <(/usr/bin/python3 -m pip config debug 2>/dev/null | sed -n 's/^  \(.*\), exists: True$/\1/p')
mapfile -t git_files < <(git config --list --show-origin --name-only 2>/dev/null | sed -n 's/^file:\(\/[^\t]*\)\t.*/\1/p' | sort -u)
for file in "${pip_files[@]}"; do
    copy_in "$file"
    cp -L --remove-destination "$file" "$base/etc/pip.conf" # for the other users inside
done
for file in "${git_files[@]}"; do
    case $file in "$PWD"/*) ;; *) cat "$file" >>"$base/etc/gitconfig" ;; esac
done
# Repositories that belong to somebody else outside are read by everybody inside.
printf '[safe]\n\tdirectory = *\n' >>"$base/etc/gitconfig"
# Where git is told to look on this machine instead of elsewhere.
mapfile -t visible < <(git config --get-regexp '^url\..*\.insteadof$' |
    sed -n 's/^url\.\(\/[^ ]*[^/ ]\)\/*\.insteadof .*/\1/p' | sort -u)
read -ra bound <<<"${CLEAN_ROOM_BIND:-}"

enter_root() {
    local path place
    cp -a --reflink=auto "$base" "$root"
    for path in "${visible[@]}" "${bound[@]}"; do
        if [ -d "$path" ]; then mount_in "$path" "$path" ro; fi
    done
    mount_in "$toolchain" /usr/local/swift ro
    mount_in /proc /proc
    mount_in /sys /sys ro
    mount_in /dev /dev
    for place in /dev/shm /tmp; do
        mkdir -p "$root$place"
        mount -t tmpfs -o mode=1777 tmpfs "$root$place"
        mounted+=("$root$place")
    done
}

check_nothing_runs() {
    local process left=
    for process in /proc/[0-9]*; do
        if [ "$(readlink "$process/root" 2>/dev/null)" = "$root" ]; then
            tr '\0' ' ' <"$process/cmdline" >&2
            echo >&2
            left=1
        fi
    done
    [ -z "$left" ] || { echo 'clean-room: these are still running' >&2; exit 1; }
}

for user in root visitor; do
    say "a clean clone for $user"
    root=$room/$user
    enter_root
    chroot "$root" useradd --create-home --shell /bin/bash visitor
    echo 'visitor ALL=(ALL) NOPASSWD: ALL' >"$root/etc/sudoers.d/visitor"
    chmod 440 "$root/etc/sudoers.d/visitor"
    home=$(chroot "$root" getent passwd "$user" | cut -d: -f6)
    git clone --quiet --no-local . "$root$home/pgml-gateway"
    # What is committed, not what lies about: the commit is named.
    git -C "$root$home/pgml-gateway" log -1 --format='%h %s'
    chroot "$root" chown -R "$user:" "$home"
    for target in ${CLEAN_ROOM_TARGETS:-demo test}; do
        say "make $target as $user"
        inside "$user" /bin/bash -c "cd ~/pgml-gateway && make $target"
    done
    check_nothing_runs
    leave_root
done

say 'both commands work on a clean machine, as root and as a user with sudo, and leave nothing running'
