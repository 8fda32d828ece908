#!/bin/bash
# Installs what building and running pgml-gateway needs on Debian 12, as root or through sudo; with `tests`, also what
# its tests need beyond that. The Swift toolchain itself is not in Debian and is expected to be there already. Running
# it again does nothing, quickly.
#
#   scripts/install.sh [tests]
set -euo pipefail

repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cache=${PGML_GATEWAY_CACHE:-$repository/.cache}
requirements=$repository/backend/requirements.txt
python=/usr/bin/python3

build_packages=(
    # what a Swift toolchain needs beside itself: a linker, C and C++ headers, and the libraries it is linked to
    binutils gcc g++ git libc6-dev libcurl4 libncurses6 libsqlite3-0 libstdc++-12-dev libuuid1 libxml2 make pkg-config
    tzdata zlib1g-dev
    # the C libraries of the gateway; postgresql-server-dev-15 has the parse tree's node layouts
    libssl-dev libpcre2-dev libpg-query-dev postgresql-server-dev-15
)
run_packages=(
    # the embedded backend and the tests; dblink and postgres_fdw are part of postgresql-15
    ca-certificates openssl postgresql-15 postgresql-client-15 postgresql-plpython3-15 procps
    python3 python3-pip python3-pytest
)
test_packages=(
    # drivers of other languages, whose programs run through the gateway, and what compiles and runs these programs
    golang-go libdbd-pg-perl libpostgresql-jdbc-java nodejs openjdk-17-jdk-headless perl
)
unpacked_packages=(
    # drivers that are only unpacked, into the cache: installed, node-pg would insist on Debian's own nodejs, and pgx
    # would bring seventy packages for the loggers it could write to, systemd's headers and so its upgrade among them
    node-inherits node-pg node-readable-stream node-split2 node-xtend
    golang-github-jackc-chunkreader-v2-dev golang-github-jackc-pgconn-dev golang-github-jackc-pgio-dev
    golang-github-jackc-pgpassfile-dev golang-github-jackc-pgproto3-v2-dev golang-github-jackc-pgservicefile-dev
    golang-github-jackc-pgtype-dev golang-github-jackc-pgx-v4-dev golang-github-lib-pq-dev golang-golang-x-crypto-dev
    golang-golang-x-text-dev
)

say() { echo "install: $*"; }
fail() {
    echo "install: error: $1" >&2
    echo "install: $2" >&2
    exit 1
}

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

missing_packages() {
    local installed
    installed=$(dpkg-query --show --showformat '${db:Status-Status} ${Package}\n' "${wanted[@]}" 2>/dev/null |
        sed -n 's/^installed //p' || true)
    comm -23 <(printf '%s\n' "${wanted[@]}" | sort -u) <(sort -u <<<"$installed")
}

# Debian's postgresql-15 creates and starts a cluster when it is installed, and restarts those that run when it is
# upgraded. Neither is wanted: for the time of the installation both are switched off, then all is put back.
policy=/usr/sbin/policy-rc.d
cluster_defaults=/etc/postgresql-common/createcluster.conf
kept=.kept-by-pgml-gateway

hold_postgresql_still() {
    release_postgresql # what an interrupted run may have left
    if [ -e "$policy" ]; then as_root mv "$policy" "$policy$kept"; fi
    as_root tee "$policy" >/dev/null <<END
#!/bin/sh
# Put here by pgml-gateway's scripts/install.sh while it runs.
case "\$1" in postgresql*) exit 101 ;; esac
if [ -x $policy$kept ]; then exec $policy$kept "\$@"; fi
exit 0
END
    as_root chmod 755 "$policy"
}

# createcluster.conf belongs to postgresql-common, which has to be there before the file can be changed.
create_no_cluster() {
    as_root cp -p "$cluster_defaults" "$cluster_defaults$kept"
    as_root sed -i '/^[[:space:]]*create_main_cluster/d; $a create_main_cluster = false' "$cluster_defaults"
}

release_postgresql() {
    if grep -qs "pgml-gateway's scripts/install.sh" "$policy"; then as_root rm -f "$policy"; fi
    if [ -e "$policy$kept" ]; then as_root mv "$policy$kept" "$policy"; fi
    if [ -e "$cluster_defaults$kept" ]; then as_root mv "$cluster_defaults$kept" "$cluster_defaults"; fi
}

apt_get() {
    as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get -qq --yes --no-install-recommends --option Dpkg::Use-Pty=0 "$@" ||
        fail "apt-get $* failed" "see its messages above; then run scripts/install.sh again"
}

install_packages() {
    local missing=("$@")
    if [ "$(id -u)" != 0 ] && ! command -v sudo >/dev/null; then
        fail "these Debian packages are missing: ${missing[*]}" "run scripts/install.sh as root, or install sudo"
    fi
    say "installing Debian packages: ${missing[*]}"
    apt_get update
    trap release_postgresql EXIT
    hold_postgresql_still
    apt_get install --no-upgrade postgresql-common
    create_no_cluster
    apt_get install "${missing[@]}"
    release_postgresql
    trap - EXIT
}

# The folder is made anew whenever the list of requirements or the interpreter is another one. It is filled beside
# its final place and moved there whole, so that an interrupted run leaves nothing half done.
python_stamp() { cat "$requirements" && readlink -f "$python"; }

python_is_ready() { python_stamp 2>/dev/null | cmp -s - "$cache/python/.requirements"; }

install_python_packages() {
    local target=$cache/python
    say "installing Python packages of backend/requirements.txt into $target"
    mkdir -p "$cache"
    rm -rf "$target.incoming"
    "$python" -m pip install --quiet --disable-pip-version-check --root-user-action ignore --no-compile \
        --no-deps --only-binary :all: --require-hashes --target "$target.incoming" --requirement "$requirements" ||
        fail "pip could not install backend/requirements.txt" "see its messages above; it needs a Python package index"
    python_stamp >"$target.incoming/.requirements"
    rm -rf "$target"
    mv "$target.incoming" "$target"
}

# Filled beside its final place too, and made anew whenever the list is another one.
drivers_stamp() { printf '%s\n' "${unpacked_packages[@]}"; }

drivers_are_ready() { drivers_stamp | cmp -s - "$cache/drivers/.packages"; }

download_drivers() { (cd "$1" && apt-get -qq --option APT::Sandbox::User=root download "${unpacked_packages[@]}"); }

unpack_drivers() {
    local target=$cache/drivers package
    say "unpacking Debian packages into $target: ${unpacked_packages[*]}"
    rm -rf "$target.incoming"
    mkdir -p "$target.incoming"
    download_drivers "$target.incoming" 2>/dev/null || {
        apt_get update
        download_drivers "$target.incoming" ||
            fail 'apt-get could not download them' 'see its messages above; then run scripts/install.sh again'
    }
    for package in "$target.incoming"/*.deb; do
        dpkg-deb --extract "$package" "$target.incoming"
        rm "$package"
    done
    drivers_stamp >"$target.incoming/.packages"
    rm -rf "$target"
    mv "$target.incoming" "$target"
}

case $* in
    '') for_tests= ;;
    tests) for_tests=1 ;;
    *) fail "unknown arguments: $*" 'scripts/install.sh, or scripts/install.sh tests' ;;
esac
if ! grep -qs '^VERSION_CODENAME=bookworm$' /etc/os-release; then
    fail "this is not Debian 12" "install by hand what this script lists, PostgreSQL 15 and its server headers above all"
fi

wanted=("${build_packages[@]}" "${run_packages[@]}" ${for_tests:+"${test_packages[@]}"})
mapfile -t missing < <(missing_packages)
if [ "${#missing[@]}" -gt 0 ]; then install_packages "${missing[@]}"; fi
python_is_ready || install_python_packages
if [ -n "$for_tests" ]; then drivers_are_ready || unpack_drivers; fi

say "all there: ${#wanted[@]} Debian packages, Python packages in $cache/python${for_tests:+, drivers in $cache/drivers}"
if ! command -v swift >/dev/null; then
    say "no swift in PATH: building the gateway needs a Swift toolchain of version 6.2 or later"
fi
