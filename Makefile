# Two commands matter: `make demo` and `make test`. Each installs what is missing (Debian packages, Python packages)
# and builds what has changed.

SWIFT_FLAGS = -c release --static-swift-stdlib
GATEWAY = .build/release/pgml-gateway

.PHONY: help install build demo test bench run clean

help:
	@echo 'pgml-gateway: an inspecting PostgreSQL proxy in front of PostgresML'
	@echo
	@echo '  make demo      the main job from start to finish, as a transcript'
	@echo '  make test      format, import rules, build, and every test'
	@echo '  make bench     side by side with PgBouncer, as a table; BENCH="--quick" to try it (Benchmarks/README.md)'
	@echo '  make run       the gateway in the foreground, on port 6432'
	@echo '                 DATABASE_URL=postgres://… make run    in front of that server'
	@echo '                 make run                              in front of the embedded backend'
	@echo '  make build     $(GATEWAY), statically linked to Swift'"'"'s libraries'
	@echo '  make install   the Debian and Python packages that all of this needs'
	@echo '  make clean     remove what was built and downloaded'

install:
	@scripts/install.sh tests

build:
	@scripts/install.sh
	swift build $(SWIFT_FLAGS)

demo: build
	@scripts/demo.py

test:
	@scripts/check.sh

bench: build
	@Benchmarks/bench.py $(BENCH)

run: build
	@scripts/run.py

clean:
	rm -rf .build .cache
