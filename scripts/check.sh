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
importers COpenSSL Sources/Core/Cryptography Sources/Server/TLS
importers CPgQuery Sources/Core/SQLInspection
importers CSystem Sources/Server/Engine
importers CPCRE2 Sources/Core/Patterns
importers CCurl Sources/Plugins/Audit
core='PostgresWire|SQLInspection|Cryptography|Patterns|PluginAPI|Session|Pooling|PluginTestKit'
found=$(git grep -nE '^[^/]*\bimport ' -- 'Sources/Core/*.swift' |
    grep -vE "import ($core|COpenSSL|CPgQuery|CPCRE2|DequeModule|HeapModule|Synchronization)$" || true)
[ -z "$found" ] || fail 'Sources/Core is pure: no Foundation, no Glibc, nothing of the server around it:' "$found"
# The audit log also has a chain of digests, and files and a thread of its own: the session it observes must not wait for
# either.
found=$(git grep -nE '^[^/]*\bimport ' -- 'Sources/Plugins/*.swift' ':!Sources/Plugins/Registry' |
    grep -vE '^Sources/Plugins/Audit/.*import (Cryptography|Glibc)$' |
    grep -vE 'import (PluginAPI|SQLInspection|PostgresWire|CPCRE2|CCurl|Patterns|Synchronization)$' || true)
[ -z "$found" ] || fail 'a plugin knows the plugin API and the values of SQLInspection and PostgresWire, nothing else:' "$found"

step 'what must not be in the repository'
found=$(git grep -nIE '(^|[^A-Za-z0-9_.])/(home|root|opt|mnt|srv|work)/' || true)
[ -z "$found" ] || fail 'a path of somebody'"'"'s machine:' "$found"
found=$(git ls-files | grep -E '(^|/)(\.build|\.cache|__pycache__)(/|$)|(^|/)Package\.resolved$' || true)
[ -z "$found" ] || fail 'build output is in git:' "$found"

step 'build'
# Warnings are errors by Package.swift, in every target. The integration tests drive this binary.
swift build -c release --static-swift-stdlib
swift build --build-tests

step 'unit tests'
timeout --kill-after=10 900 swift test --skip-build --parallel

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
