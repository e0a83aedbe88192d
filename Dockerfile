# syntax=docker/dockerfile:1

FROM python:3.12-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /app
# The libraries come first and alone, so that a change of the code reuses this layer.
# The embedded PostgreSQL (requirements-local.txt) is not among them.
COPY requirements.txt .
RUN python -m venv --without-pip /venv \
    && pip --python /venv/bin/python install --require-hashes -r requirements.txt
COPY . .
# Collecting needs settings that load, not settings that are true; these stay here.
RUN SECRET_KEY=only-for-collectstatic ALLOWED_HOSTS=localhost \
    DATABASE_URL=postgres://nobody@localhost/none \
    /venv/bin/python manage.py collectstatic --noinput \
    && /venv/bin/python -m compileall -q .

FROM python:3.12-slim
RUN groupadd --gid 10001 fx \
    && useradd --uid 10001 --gid fx --no-create-home --home-dir /tmp fx
ENV PATH=/venv/bin:$PATH \
    HOME=/tmp \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    HOST=0.0.0.0
WORKDIR /app
COPY --from=build /venv /venv
COPY --from=build /app /app
# By number, so that Kubernetes can see that it is not root.
USER 10001:10001
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as r; r.build_opener(r.ProxyHandler({})).open('http://127.0.0.1:' + os.environ.get('PORT', '8000') + '/livez', timeout=4)"]
CMD ["gunicorn", "paymentprocessor.wsgi"]
