#!/usr/bin/env bash
# Everything that must hold before a change lands: `make test`, and what CI runs. Ends at the first thing that does not.
set -euo pipefail
cd "$(dirname "$0")/.."

began=$SECONDS
step() { printf '\n== %s (%d s)\n' "$1" $((SECONDS - began)); }
fail() {
    printf 'check: %s\n' "$@" >&2
    exit 1
}

# "LOG COMMAND …": of a command that says much where all is well, only its last line is shown; where it fails, everything
# but what tells of progress. All it said is in LOG.
quietly() {
    local log=$1 status=0
    shift
    mkdir -p "$(dirname "$log")"
    "$@" >"$log" 2>&1 || status=$?
    if [ "$status" = 0 ]; then
        tail -n 1 "$log"
    else
        # A test's arguments, which its name is told with, may have several lines.
        awk 'left > 0 { left = /(started|seconds)\.$/ ? 0 : left - 1; next }
            /^(◇|✔) / { left = /(started|seconds)\.$/ ? 0 : 20; next }
            /^\[[0-9]+\/[0-9]+\] / { next }
            { print }' "$log"
        fail "$* ended with $status; all it said is in $log"
    fi
}

# "MODULE DIRECTORY …": who may import a C library, and that nobody else does (docs/architecture.md).
importers() {
    local module=$1 found
    shift
    local allowed=()
    for directory in "$@"; do allowed+=(":!$directory"); done
    found=$(git grep -nE "import (struct |func |var |let )?$module\b" -- 'Sources/*.swift' "${allowed[@]}" || true)
    [ -z "$found" ] || fail "$module may only be imported in: $*" "$found"
}

step 'install what is missing'
scripts/install.sh tests
command -v swift >/dev/null || fail 'there is no swift on PATH: install a Swift toolchain of version 6.2 or later'

step 'format'
swift format lint --strict --parallel --recursive Sources Tests Package.swift

step 'import rules'
importers COpenSSL Sources/Core/Cryptography
importers CPgQuery Sources/Core/SQLInspection
importers CSystem Sources/Server/Engine
importers CPCRE2 Sources/Core/Patterns
core='PostgresWire|SQLInspection|Cryptography|Patterns|PluginAPI|Session|Pooling|PluginTestKit'
found=$(git grep -nE '^[^/]*\bimport ' -- 'Sources/Core/*.swift' |
    grep -vE "import ($core|COpenSSL|CPgQuery|CPCRE2|DequeModule|HeapModule|Synchronization)$" || true)
[ -z "$found" ] || fail 'Sources/Core is pure: no Foundation, no Glibc, nothing of the server around it:' "$found"
# The audit log also has a chain of digests, and files and a thread of its own: the session it observes must not wait for
# either.
found=$(git grep -nE '^[^/]*\bimport ' -- 'Sources/Plugins/*.swift' ':!Sources/Plugins/Registry' |
    grep -vE '^Sources/Plugins/Audit/.*import (Cryptography|Glibc)$' |
    grep -vE 'import (PluginAPI|SQLInspection|PostgresWire|Patterns|Synchronization)$' || true)
[ -z "$found" ] || fail 'a plugin knows the plugin API and the values of SQLInspection and PostgresWire, nothing else:' "$found"

step 'what must not be in the repository'
found=$(git grep -nIE '(^|[^A-Za-z0-9_.])/(home|root|opt|mnt|srv|work)/' || true)
[ -z "$found" ] || fail 'a path of somebody'"'"'s machine:' "$found"
found=$(git ls-files | grep -E '(^|/)(\.build|\.cache|__pycache__)(/|$)|(^|/)Package\.resolved$' || true)
[ -z "$found" ] || fail 'build output is in git:' "$found"

step 'packages for a build: scripts/install.sh and the Dockerfile'
# The image needs no make, and ca-certificates, which install.sh has among what runs.
between() { awk -v first="$1" -v last="$2" '$0 ~ last { inside = 0 } inside && !/#/; $0 ~ first { inside = 1 }' "$3"; }
words() { tr -s ' \\' '\n' | grep . | grep -vxE "$1" | sort; }
of_install=$(between '^build_packages=\(' '^\)' scripts/install.sh | words make)
of_image=$(sed -n '/ AS build$/,/^COPY/p' Dockerfile | between '--no-install-recommends' '&& rm' /dev/stdin | words ca-certificates)
found=$(diff <(echo "$of_install") <(echo "$of_image") | grep '^[<>]' || true)
[ -z "$found" ] || fail 'in install.sh (<) and in the Dockerfile (>) are not the same packages:' "$found"

step 'build (some minutes, the first time)'
# Warnings are errors by Package.swift, in every target. The integration tests drive this binary.
quietly .build/build-release.log swift build -c release --static-swift-stdlib
quietly .build/build-tests.log swift build --build-tests

step 'unit tests'
quietly .build/unit-tests.log timeout --kill-after=10 900 swift test --skip-build --parallel

step 'integration tests'
PGML_GATEWAY_BINARY=$PWD/.build/release/pgml-gateway PYTHONDONTWRITEBYTECODE=1 \
    timeout --kill-after=60 1500 /usr/bin/python3 -m pytest -x -q Tests/Integration

step 'demonstration'
shown=$(mktemp)
trap 'rm -f "$shown"' EXIT
timeout --kill-after=30 120 scripts/demo.py >"$shown" || fail 'the demonstration failed:' "$(tail -5 "$shown")"
# Every line of README's excerpt, in its order; the transcript may have others in between.
missing=$(awk 'NR == FNR { if (/^<!-- an excerpt/) here = 1
                           else if (here && /^```/) { if (within) here = 0; within = !within }
                           else if (here && within) excerpt[++lines] = $0
                           next }
               $0 == excerpt[next_line + 1] && next_line < lines { next_line++ }
               END { if (!lines) print "there is no excerpt"
                     else if (next_line < lines) print excerpt[next_line + 1] }' README.md "$shown")
[ -z "$missing" ] || fail "README's excerpt is not what the demonstration prints, from this line on:" "$missing"

printf '\ncheck: all good in %d s\n' $((SECONDS - began))
