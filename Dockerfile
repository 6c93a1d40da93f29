# The service as one image: `dialogue serve` by default, `dialogue worker` and the rest by name.
#   docker build -t dialogue . && docker run --rm -p 127.0.0.1:8000:8000 -v dialogue:/data dialogue

# The packages the pages load; the tests' own stay out.
FROM node:22-slim AS page
WORKDIR /srv
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --ignore-scripts

FROM python:3.11-slim AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore
RUN python -m venv /opt/venv
ENV PATH=/opt/venv/bin:$PATH
WORKDIR /srv/dialogue
# The requirements change less often than the code: a layer of their own.
COPY requirements.lock ./
RUN pip install --no-deps --require-hashes -r requirements.lock
COPY . .
RUN pip install --no-deps --no-build-isolation -e . \
    && if [ -d app/locales ]; then python -m app.i18n compile; fi \
    && pip uninstall --yes pip \
    && python -m compileall -q /opt/venv app migrations

FROM python:3.11-slim
# For the sheets to print: without these, names in Arabic or Tigrinya would be boxes.
RUN apt-get update && apt-get install --yes --no-install-recommends fonts-noto-core && rm -rf /var/lib/apt/lists/*
# A number, so that an orchestrator can see that it is not root.
RUN useradd --uid 10001 --user-group --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin dialogue \
    && install -d -o dialogue -g dialogue -m 0700 /data
COPY --from=build /opt/venv /opt/venv
COPY --from=build /srv/dialogue /srv/dialogue
COPY --from=page /srv/node_modules /srv/dialogue/node_modules
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    DIALOGUE_DATA_DIR=/data \
    DIALOGUE_LOG_FORMAT=json
WORKDIR /srv/dialogue
USER 10001:10001
# All that is written goes to these two: the root file system may be read-only.
VOLUME ["/data", "/tmp"]
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["dialogue"]
CMD ["serve", "--host", "0.0.0.0"]
