"""Pages over 10 000 cases: the list against the same program without cryptography, search, and the memory of one worker."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient

from caseapp import create_app
from tests.municipality import Codes, Municipality, sign_in
from tests.pages import PageClient

from . import Figure, in_turn, milliseconds, ratio
from .town import make, plaintext, settings


def _client(app: Any, town: Municipality) -> Any:
    app.test_client_class = PageClient
    return sign_in(app.test_client(), town["karin"], Codes())


def fetch(client: Any, path: str) -> bytes:
    # past the client's own look at every page, which would be measured otherwise
    answer = FlaskClient.open(client, path, base_url="https://localhost")
    assert answer.status_code == 200, f"{path}: {answer.status_code}"
    return bytes(answer.data)


def measure(*, quick: bool) -> Iterator[Figure]:
    """The list page of 50 of 10 000 cases (of 500 with `quick`)."""
    cases, rounds = (500, 5) if quick else (10_000, 21)
    with tempfile.TemporaryDirectory() as place:
        sealed_home, plain_home = Path(place) / "sealed", Path(place) / "plain"
        town = make(sealed_home, cases)
        with plaintext():
            plain_town = make(plain_home, cases)
            plain_app = create_app(settings(plain_home))
            plain_client = _client(plain_app, plain_town)
        sealed_app = create_app(settings(sealed_home))
        sealed_client = _client(sealed_app, town)

        def without() -> bytes:
            with plaintext():
                return fetch(plain_client, "/cases")

        assert fetch(sealed_client, "/cases").count(b"/cases/") >= 50
        assert without().count(b"/cases/") >= 50
        taken = in_turn(rounds, sealed=lambda: fetch(sealed_client, "/cases"), plain=without)
        size = f"50 of {cases} cases, log entry included"
        yield Figure("list page against the same program without cryptography", ratio(taken["sealed"], taken["plain"]), "×", 1.3, note=size)
        yield Figure("list page", milliseconds(taken["sealed"]), "ms", note=size)
        yield from _memory(sealed_home, town, cases)


def _memory(home: Path, town: Municipality, cases: int) -> Iterator[Figure]:
    person = town["karin"]
    told = {"home": str(home), "login": person.login, "id": person.id, "agency": person.agency_id, "secret": person.totp_secret}
    worker = subprocess.run(
        [sys.executable, "-m", "scripts.measuring.pages"], input=json.dumps(told), capture_output=True, text=True, check=True
    )
    said = json.loads(worker.stdout)
    note = f"{cases} cases; sign-in, list, search by name and my day; pandas {'WAS' if said.pop('pandas') else 'not'} imported at start"
    yield Figure("peak memory of one worker", max(said.values()), "MB", 250, note=note)
    for step, megabytes in said.items():
        yield Figure(f"peak memory: {step}", megabytes, "MB", 250, note="one worker, the steps in this order")


def _peak() -> float:
    """The most memory (MB) since the last call: Linux counts it for each process, and begins anew when told to."""
    counted = Path("/proc/self/status").read_text()
    Path("/proc/self/clear_refs").write_text("5")
    return int(counted.split("VmHWM:")[1].split()[0]) / 1024


def _work() -> None:
    """One worker on its own: starts, signs in, shows a list, searches, shows my day; says how much memory each step took at most."""
    from tests.municipality import Person

    told = json.load(sys.stdin)
    app = create_app(settings(Path(told["home"])))
    has_pandas = "pandas" in sys.modules
    person = Person(told["id"], told["login"], "", told["agency"], told["secret"])
    app.test_client_class = PageClient
    client = app.test_client()
    codes = Codes()
    codes.next(person)
    peaks = {"the program alone": _peak()}
    sign_in(client, person, codes)
    peaks["sign-in, which leads to my day"] = _peak()
    client.get("/cases")
    peaks["list"] = _peak()
    client.submit({"words": "linnéa"}, on="/cases", action="/cases/search")
    peaks["search by name, every twelfth is a hit"] = _peak()
    client.get("/")
    peaks["my day"] = _peak()
    print(json.dumps({**peaks, "pandas": has_pandas}))


if __name__ == "__main__":
    _work()
