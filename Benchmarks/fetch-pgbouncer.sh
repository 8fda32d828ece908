#!/bin/bash
# Prints the path of a PgBouncer: the one installed, or Debian's, unpacked into the cache.
#
# It is not installed: the package would start a service, on the very port that is the gateway's own.
set -euo pipefail

repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cache=${PGML_GATEWAY_CACHE:-$repository/.cache}
unpacked=$cache/pgbouncer

fail() {
    echo "fetch-pgbouncer: error: $1" >&2
    echo "fetch-pgbouncer: $2" >&2
    exit 1
}

for installed in "$(command -v pgbouncer || true)" /usr/sbin/pgbouncer "$unpacked/pgbouncer"; do
    if [ -n "$installed" ] && [ -x "$installed" ]; then
        echo "$installed"
        exit
    fi
done

mkdir -p "$cache"
incoming=$(mktemp -d "$cache/pgbouncer.incoming-XXXXXX")
trap 'rm -rf "$incoming"' EXIT
cd "$incoming"
echo "fetch-pgbouncer: unpacking Debian's pgbouncer into $unpacked" >&2
packages=(pgbouncer libc-ares2 libevent-2.1-7)
download() { apt-get -qq download "${packages[@]}" >&2; }
if ! download 2>/dev/null; then
    # The lists of packages are missing or name versions that have gone.
    if [ "$(id -u)" = 0 ]; then apt-get -qq update >&2; else sudo apt-get -qq update >&2; fi ||
        fail "apt-get update failed" "see its messages above; or install pgbouncer, or name one by PGBOUNCER"
    download || fail "apt-get could not download ${packages[*]}" "install pgbouncer, or name one by PGBOUNCER"
fi
for package in *.deb; do dpkg-deb --extract "$package" root; done
# The binary, and beside it the libraries that may not be installed.
mkdir result
cp root/usr/sbin/pgbouncer root/usr/lib/*/lib*.so.* result/
chmod 755 result
rm -rf "$unpacked"
mv result "$unpacked"
echo "$unpacked/pgbouncer"
