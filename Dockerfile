# The image of every amlstream process: the subcommand is the command.
FROM debian:bookworm-slim AS build
WORKDIR /src
COPY scripts/install scripts/lib.sh scripts/
RUN scripts/install --yes build && rm -rf /var/lib/apt/lists/*
COPY . .
RUN cmake --preset release && ninja -C build/release amlstream && cmake --install build/release --prefix /out --strip

FROM debian:bookworm-slim
RUN apt-get update \
    && apt-get install -y --no-install-recommends \
        librdkafka1 librocksdb7.8 libpq5 libmicrohttpd12 libjansson4 libxxhash0 libcurl4 zlib1g libgomp1 ca-certificates \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --home-dir /var/lib/amlstream --create-home amlstream
COPY --from=build /out/bin/amlstream /usr/local/bin/
COPY scripts/container-healthy /usr/local/bin/
USER amlstream
WORKDIR /var/lib/amlstream
ENV AMLSTREAM_HTTP_LISTEN=0.0.0.0:8080 AMLSTREAM_STATE_DIR=/var/lib/amlstream/state
EXPOSE 8080
HEALTHCHECK --interval=5s --timeout=5s --start-period=60s --retries=6 CMD ["container-healthy"]
ENTRYPOINT ["amlstream"]
CMD ["--help"]
