# syntax=docker/dockerfile:1
# The operator as one static binary in an empty image, for amd64 and arm64:
#   docker buildx build --platform linux/amd64,linux/arm64 --tag NAME .
# It is built for another processor by the compiler, not under emulation. There is no shell, no libc and no store of
# certificate authorities in it: the public roots are compiled in, `--ca-file` adds others.
ARG RUST_VERSION=1.95.0
# The list of what is in the image (SBOM) is made of the context too: its Cargo.lock names the crates, the binary does not.
ARG BUILDKIT_SBOM_SCAN_CONTEXT=true

FROM --platform=$BUILDPLATFORM rust:${RUST_VERSION}-slim-bookworm AS build
# ring compiles a few files of C for the target, which needs the compiler of the other processor.
RUN case "$(dpkg --print-architecture)" in \
      amd64) other="gcc-aarch64-linux-gnu libc6-dev-arm64-cross" ;; \
      arm64) other="gcc-x86-64-linux-gnu libc6-dev-amd64-cross" ;; \
    esac \
 && apt-get update \
 && apt-get install --yes --no-install-recommends $other \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /source
COPY rust-toolchain.toml ./
ARG TARGETARCH
RUN case "$TARGETARCH" in \
      amd64) echo x86_64 ;; \
      arm64) echo aarch64 ;; \
      *) echo "no binary for $TARGETARCH: amd64 and arm64 are supported" >&2; exit 1 ;; \
    esac > /processor \
 && rustup target add "$(cat /processor)-unknown-linux-musl"
COPY . .
# Compiler and linker of each target stand in `.cargo/config.toml`, and nowhere else: `tests/image` compiles by the command below.
RUN --mount=type=cache,target=/usr/local/cargo/registry,sharing=locked \
    --mount=type=cache,id=target-$TARGETARCH,target=/source/target \
    target="$(cat /processor)-unknown-linux-musl" \
 && cargo build --release --locked --bin humansupport --target "$target" \
 && cp "target/$target/release/humansupport" /humansupport

# What `--target binary --output .` writes, for the archives of a release.
FROM scratch AS binary
COPY --from=build /humansupport /humansupport

FROM scratch
ARG VERSION=0.0.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="human-support-operator" \
      org.opencontainers.image.description="Keeps a store's human-support structure in Zendesk or Zenvia as declared in Kubernetes" \
      org.opencontainers.image.url="https://github.com/human-support-operator/human-support-operator" \
      org.opencontainers.image.source="https://github.com/human-support-operator/human-support-operator" \
      org.opencontainers.image.documentation="https://github.com/human-support-operator/human-support-operator/blob/main/README.md" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.vendor="human-support-operator" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.revision="$REVISION"
COPY --from=build --chmod=0555 /humansupport /humansupport
COPY LICENSE /LICENSE
# Nobody: a number, since Kubernetes cannot tell from a name whether it is root.
USER 65532:65532
EXPOSE 8080
ENTRYPOINT ["/humansupport"]
CMD ["run"]
