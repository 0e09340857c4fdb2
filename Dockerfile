FROM rust:1-bookworm AS builder
WORKDIR /build
COPY . .
RUN cargo build --release --locked --bin mahalleh

FROM debian:bookworm-slim
RUN useradd --system --uid 10001 --no-create-home mahalleh && install -d -o mahalleh -m 0750 /data
COPY --from=builder /build/target/release/mahalleh /usr/local/bin/mahalleh
# By number, by which Kubernetes sees that it is not root.
USER 10001
VOLUME /data
EXPOSE 8080
ENV MAHALLEH_BIND=0.0.0.0:8080 \
    MAHALLEH_SECRET_FILE=/data/mahalleh.secret \
    DATABASE_URL=sqlite:/data/mahalleh.db
# Bash, which the slim image has anyway, can ask by itself, so there is no curl to install and to keep patched.
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s \
    CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/${MAHALLEH_BIND##*:} && printf 'GET /readyz HTTP/1.0\\r\\nHost: localhost\\r\\n\\r\\n' >&3 && head -n 1 <&3 | grep -q ' 200 '"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["mahalleh"]
CMD ["serve"]
