"""What can be known about the image and the compose file without a container engine."""

import ast
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from urllib.parse import quote

import pytest
import yaml
from django.conf import settings
from django.db import connection

CHECKOUT: Path = settings.BASE_DIR
READERS = [
    "paymentprocessor/settings.py",
    "gunicorn.conf.py",
    "paymentprocessor/serving.py",
    "paymentprocessor/management/commands/demo.py",
]
# Read by the image of PostgreSQL, and by Compose to make up the DATABASE_URL.
OF_COMPOSE = {"POSTGRES_PASSWORD"}
# What the commands of the demo read; they are not all in `READERS`.
OF_DEMO = {"ADMIN_PASSWORD"}
# What a feed's row may name: read where the feed is asked.
OF_FEEDS = {"FX_FEED_TOKEN"}
# What the demo tells its server; nobody else sets it.
BETWEEN_US = {"DEMO_PID"}
# What Compose decides by itself, or what has no place in a container.
NOT_HANDED_ON = {"DEVELOPMENT", "HOST", "PORT", "PROMETHEUS_MULTIPROC_DIR", "FAIL_AT"}
NOT_HANDED_ON |= OF_DEMO

COMPOSE = yaml.safe_load((CHECKOUT / "docker-compose.yml").read_text())
WEB = COMPOSE["services"]["web"]
DOCKERFILE = (CHECKOUT / "Dockerfile").read_text()
LAST_STAGE = re.split(r"^FROM ", DOCKERFILE, flags=re.MULTILINE)[-1]


def variables_read() -> set[str]:
    """The first arguments of all `env.…("NAME")` and `os.environ…("NAME")`."""
    names = set(OF_FEEDS)
    for reader in READERS:
        for node in ast.walk(ast.parse((CHECKOUT / reader).read_text())):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and ast.unparse(node.func.value) in {"env", "os.environ"}
                and node.args
                and isinstance(node.args[0], ast.Constant)
            ):
                names.add(node.args[0].value)
    return names


def variables_of_example() -> set[str]:
    text = (CHECKOUT / ".env.example").read_text()
    return set(re.findall(r"^(?:# )?([A-Z][A-Z_]+)=", text, re.MULTILINE))


def variables_of_compose() -> set[str]:
    return set(re.findall(r"\$\{([A-Z_]+)", json.dumps(COMPOSE)))


class TestEnvironment:
    def test_of_the_example_is_what_is_read(self):
        read = variables_read() - BETWEEN_US
        assert variables_of_example() == read | OF_COMPOSE | OF_DEMO

    def test_of_the_example_is_explained_line_by_line(self):
        lines = (CHECKOUT / ".env.example").read_text().splitlines()

        bare = [
            line
            for above, line in pairwise(lines)
            if re.match(r"(# )?[A-Z_]+=", line)
            and not re.match(r"# (?![A-Z_]+=)", above)
        ]

        assert bare == []

    def test_of_compose_is_read_and_explained(self):
        used = variables_of_compose()

        assert used <= variables_of_example()
        for service in ("web", "migrate"):
            names = set(COMPOSE["services"][service]["environment"])
            assert names <= variables_read()

    def test_of_the_example_reaches_the_web_service(self):
        optional = variables_of_example() - NOT_HANDED_ON - OF_COMPOSE

        assert optional <= set(WEB["environment"])

    @pytest.mark.parametrize(
        "secret", ["SECRET_KEY", "ALLOWED_HOSTS", "POSTGRES_PASSWORD"]
    )
    def test_lacking_a_secret_is_refused_with_a_message(self, secret):
        uses = re.findall(rf"\$\{{{secret}([^}}]*)\}}", json.dumps(COMPOSE))

        assert uses
        assert all(use.startswith(":?is missing. ") for use in uses)


class TestCompose:
    def test_waits_for_a_healthy_database_and_for_the_migrations(self):
        assert WEB["depends_on"] == {
            "db": {"condition": "service_healthy"},
            "migrate": {"condition": "service_completed_successfully"},
        }
        waits = COMPOSE["services"]["migrate"]["depends_on"]
        assert waits == {"db": {"condition": "service_healthy"}}

    def test_keeps_the_data_in_a_named_volume_where_version_18_wants_it(self):
        database = COMPOSE["services"]["db"]

        assert database["image"] == "postgres:18"
        assert database["volumes"] == ["pgdata:/var/lib/postgresql"]
        assert "pgdata" in COMPOSE["volumes"]
        assert "pg_isready" in database["healthcheck"]["test"]

    def test_publishes_no_port_to_the_network(self):
        published = [
            port
            for service in COMPOSE["services"].values()
            for port in service.get("ports", [])
        ]

        assert published
        assert all(port.startswith("127.0.0.1:") for port in published)


class TestImage:
    def test_has_neither_compiler_nor_package_manager_at_work_in_its_last_stage(self):
        assert not re.search(r"apt|apk|gcc|build-essential|pip|-dev\b", LAST_STAGE)

    def test_installs_only_what_has_its_hash_in_the_lock_file(self):
        installs = re.findall(r"pip .*install.*", DOCKERFILE)

        assert installs
        assert all("--require-hashes -r requirements.txt" in line for line in installs)

    def test_leaves_the_embedded_database_out(self):
        assert "pgserver" not in (CHECKOUT / "requirements.txt").read_text()
        assert "pgserver" in (CHECKOUT / "requirements-local.txt").read_text()

    def test_leaves_secrets_and_local_data_out(self):
        ignored = (CHECKOUT / ".dockerignore").read_text().splitlines()

        assert {".env", ".local", ".git", ".venv"} <= set(ignored)

    def test_runs_as_a_fixed_user_other_than_root(self):
        user = re.search(r"^USER (\d+)", LAST_STAGE, re.MULTILINE)

        assert user
        assert int(user[1]) > 0

    def test_starts_and_asks_for_its_health_as_compose_does(self):
        command = re.search(r"^CMD (\[.*\])", LAST_STAGE, re.MULTILINE)
        health = re.search(
            r"^HEALTHCHECK.*\\\n\s+CMD (\[.*\])", LAST_STAGE, re.MULTILINE
        )

        assert json.loads(command[1]) == WEB["command"]
        assert ["CMD", *json.loads(health[1])] == WEB["healthcheck"]["test"]


@pytest.fixture
def production(tmp_path: Path) -> dict[str, str]:
    """The environment of the web service, with this session's test database."""
    database = connection.settings_dict
    credentials = ":".join(
        quote(database[part], safe="") for part in ("USER", "PASSWORD")
    )
    host = quote(database["HOST"], safe="")
    port = f":{database['PORT']}" if database["PORT"] else ""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        free_port = probe.getsockname()[1]
    return {
        "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
        "HOME": str(tmp_path),
        "TMPDIR": str(tmp_path),
        "SECRET_KEY": "x" * 60,
        "ALLOWED_HOSTS": "payments.example",
        "DATABASE_URL": f"postgres://{credentials}@{host}{port}/{database['NAME']}",
        "DATABASE_POOL": WEB["environment"]["DATABASE_POOL"],
        "HOST": "127.0.0.1",
        "PORT": str(free_port),
    }


@pytest.fixture
def web(production: dict[str, str]) -> Iterator["subprocess.Popen[bytes]"]:
    server = subprocess.Popen(
        WEB["command"], cwd=CHECKOUT, env=production, start_new_session=True
    )
    yield server
    if server.poll() is None:
        os.killpg(server.pid, signal.SIGKILL)
        server.wait()


def is_healthy(environment: dict[str, str]) -> bool:
    _, *command = WEB["healthcheck"]["test"]
    done = subprocess.run(command, env=environment, capture_output=True, check=False)
    return done.returncode == 0


@pytest.mark.slow
@pytest.mark.django_db
class TestWebService:
    def test_turns_healthy_and_stops_when_told(self, web, production, tmp_path):
        assert not is_healthy(production | {"PORT": "1"})

        deadline = time.monotonic() + 60
        while not is_healthy(production):
            assert web.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.2)

        web.terminate()
        assert web.wait(timeout=30) == 0
        assert list(tmp_path.glob("fx-metrics-*")) == []
        assert not (tmp_path / ".gunicorn").exists()

    @pytest.mark.parametrize("name", ["SECRET_KEY", "DATABASE_URL"])
    def test_refuses_to_start_without_a_secret(self, production, name):
        # Empty and not absent, because a developer's .env fills in what is absent.
        production[name] = ""

        refused = subprocess.run(
            [sys.executable, "manage.py", "check"],
            cwd=CHECKOUT,
            env=production,
            capture_output=True,
            text=True,
            check=False,
        )

        assert refused.returncode != 0
        assert name in refused.stderr
