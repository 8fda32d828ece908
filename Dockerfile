# The gateway as an image:
#
#     docker build -t pgml-gateway . && docker run -e DATABASE_URL=postgres://… -p 6432:6432 pgml-gateway
#
# Pinned: the base image by digest, so that what was reviewed is what is built; Swift by version and checksum, since the
# archive is a download; the Swift packages by Package.swift, each to one version. Not pinned: Debian's packages, whose
# security fixes each build is to have. docs/migrating.md says how the pins are moved. scripts/container.py performs
# these steps without Docker, and tries the result.
ARG DEBIAN=debian:bookworm-20260918-slim@sha256:3783cc01769c7b2b1b83a5c5ad96c815348e28ed7da68e2e3687004faa906251

# --- Swift's compiler, from swift.org --------------------------------------------------------------------------------
FROM ${DEBIAN} AS toolchain
ARG SWIFT_VERSION=6.3.3
ARG SWIFT_SHA256_AMD64=19e0c78cad5418ad48bfa87aa20c53ac9ac9996d1695d04dd94f7c7ea4eb133f
ARG SWIFT_SHA256_ARM64=ecba8ef87b54a5048d466af500f3169c939a6b8a2cb7c600f76b5184457f293a
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates curl \
    && rm -rf /var/lib/apt/lists/*
RUN set -eu; \
    case $(dpkg --print-architecture) in \
        amd64) platform=debian12 sha256=$SWIFT_SHA256_AMD64 ;; \
        arm64) platform=debian12-aarch64 sha256=$SWIFT_SHA256_ARM64 ;; \
        *) echo "there is no Swift for Debian 12 on $(dpkg --print-architecture)" >&2; exit 1 ;; \
    esac; \
    release=swift-$SWIFT_VERSION-RELEASE; \
    curl --fail --silent --show-error --location --output swift.tar.gz \
        "https://download.swift.org/swift-$SWIFT_VERSION-release/$platform/$release/$release-$platform.tar.gz"; \
    echo "$sha256  swift.tar.gz" | sha256sum --check --strict; \
    mkdir /usr/local/swift; \
    tar --extract --gzip --file swift.tar.gz --directory /usr/local/swift --strip-components 1 --no-same-owner; \
    rm swift.tar.gz

# --- The gateway, with Swift's libraries inside ----------------------------------------------------------------------
FROM ${DEBIAN} AS build
# What the compiler needs beside itself, then the gateway's C libraries: what scripts/install.sh installs for a build.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends \
        binutils ca-certificates gcc g++ git libc6-dev libcurl4 libncurses6 libsqlite3-0 libstdc++-12-dev libuuid1 \
        libxml2 pkg-config tzdata zlib1g-dev \
        libssl-dev libpcre2-dev libpg-query-dev postgresql-server-dev-15 \
    && rm -rf /var/lib/apt/lists/*
COPY --from=toolchain /usr/local/swift /usr/local/swift
ENV PATH=/usr/local/swift/usr/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
WORKDIR /build
COPY . .
RUN swift build -c release --static-swift-stdlib --product pgml-gateway \
    && strip --strip-debug -o /usr/local/bin/pgml-gateway .build/release/pgml-gateway \
    # Whatever umask they were checked out with: the gateway refuses files that others may change.
    && chmod -R u=rwX,go=rX plugins.d deploy

# --- What runs -------------------------------------------------------------------------------------------------------
FROM ${DEBIAN}
RUN apt-get update \
    && apt-get upgrade --yes \
    && apt-get install --yes --no-install-recommends libpcre2-8-0 libpg-query1504.0 libssl3 libstdc++6 \
    && rm -rf /var/lib/apt/lists/* /var/cache/apt/archives/*.deb /var/log/apt /var/log/dpkg.log \
    # A number of its own, the same in every build: files on a host can be given to it.
    && groupadd --system --gid 6432 pgml-gateway \
    && useradd --system --uid 6432 --gid 6432 --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin \
        pgml-gateway \
    && install --directory --owner pgml-gateway --group pgml-gateway --mode 0750 /var/lib/pgml-gateway/audit
COPY --from=build /usr/local/bin/pgml-gateway /usr/local/bin/pgml-gateway
# Root's, so that the gateway cannot change what it is held to. Mount your own over them.
COPY --from=build /build/deploy/docker/gateway.toml /etc/pgml-gateway/gateway.toml
COPY --from=build /build/plugins.d /etc/pgml-gateway/plugins.d
WORKDIR /etc/pgml-gateway
# What a plugin file names relative to gateway.toml and the gateway writes to: beside the files it must not change.
RUN ln -s /var/lib/pgml-gateway/audit audit
USER 6432:6432
# All libraries are there, or there is no image.
RUN ["pgml-gateway", "--help"]
# What a container writes. plugins.d is no volume: an anonymous one would keep an old image's policy in a new container.
VOLUME ["/var/lib/pgml-gateway/audit"]
EXPOSE 6432
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=5s --retries=3 CMD ["pgml-gateway", "health"]
ENTRYPOINT ["pgml-gateway"]
CMD ["serve"]
