"""What stops the start, and that a start that is stopped changes nothing.

Each wrong key is tried on a real installation through the same command a person would use, in a process of its own; every file
is compared before and after. The two guards against forgetting are shown on programs that forgot.
"""

import base64
import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Blueprint, Flask

from caseapp import UndeclaredEndpoint, refuse_undeclared
from caseapp.access import Actor, NeverAllowed, Permission, action, allow, needs, public, session
from caseapp.accounts.models import Agency
from caseapp.db import transaction
from scripts import launch
from tests.commands import CONFIGURATION, ROOT, run, start
from tests.installations import Installation
from tests.municipality import Municipality


def every_file(directory: Path) -> dict[str, tuple[str, int, int]]:
    """Each file below this directory → hash of what it holds, its mode, when it was written."""
    return {
        str(path.relative_to(directory)): (
            hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "",
            path.lstat().st_mode,
            path.lstat().st_mtime_ns if path.is_file() else 0,
        )
        for path in directory.rglob("*")
    }


def _another_key(file: Path) -> None:
    ring = json.loads(file.read_text())
    ring["keys"] = {version: base64.b64encode(bytes(32)).decode() for version in ring["keys"]}
    file.write_text(json.dumps(ring))


WRONG_KEYS: dict[str, tuple[Callable[[Path], object], str]] = {
    "a missing file": (Path.unlink, "missing"),
    "open to the group": (lambda file: file.chmod(0o640), "mode 0640"),
    "open to everybody": (lambda file: file.chmod(0o604), "mode 0604"),
    "another key": (_another_key, "key"),
    "an empty file": (lambda file: file.write_bytes(b""), "not a keyring"),
    "bytes by chance": (lambda file: file.write_bytes(bytes(range(256))), "not a keyring"),
    "a text": (lambda file: file.write_text("my secret"), "not a keyring"),
    "a key of 16 bytes": (
        lambda file: file.write_text(json.dumps({"current": 1, "keys": {"1": base64.b64encode(bytes(16)).decode()}})),
        "not a keyring",
    ),
    "a directory": (lambda file: (file.unlink(), file.mkdir()), "not a file"),
}


@pytest.mark.parametrize("wrong", WRONG_KEYS)
def test_a_wrong_key_stops_the_start_with_one_sentence_and_changes_nothing(wrong: str, installation: Installation) -> None:
    spoil, word = WRONG_KEYS[wrong]
    spoil(installation.home / "master.key")
    before = every_file(installation.home)
    for command in (("audit", "verify"), ("init",)):
        stopped = run(installation, *command)
        assert stopped.returncode == CONFIGURATION, (command, stopped)
        assert stopped.stdout == ""
        assert len(stopped.stderr.strip().splitlines()) == 1, stopped.stderr
        assert word in stopped.stderr
        assert "Traceback" not in stopped.stderr
    assert every_file(installation.home) == before


def test_the_same_installation_starts_again_when_the_key_is_back(installation: Installation) -> None:
    key = installation.home / "master.key"
    kept = key.read_bytes()
    key.unlink()
    assert start(installation, "audit", "verify").returncode == CONFIGURATION
    key.write_bytes(kept)
    key.chmod(0o600)
    started = start(installation, "audit", "verify")
    assert (started.returncode, started.stderr) == (0, "")


def test_init_where_something_is_installed_changes_nothing(installation: Installation) -> None:
    before = every_file(installation.home)
    again = run(installation, "init", "--municipality", "Annorstädes")
    assert again.returncode == 1
    assert len(again.stderr.strip().splitlines()) == 1
    assert "already" in again.stderr
    assert {name: held for name, held in every_file(installation.home).items() if not name.endswith(("-wal", "-shm"))} == before


def test_init_beside_a_lone_key_file_refuses(tmp_path: Path) -> None:
    lone = Installation(tmp_path, {"CASEAPP_HOME": str(tmp_path)})
    (tmp_path / "master.key").write_text("somebody's")
    refused = start(lone, "init")
    assert refused.returncode == CONFIGURATION
    assert [path.name for path in tmp_path.iterdir()] == ["master.key"]
    assert (tmp_path / "master.key").read_text() == "somebody's"


def test_all_wrong_settings_are_named_at_once(tmp_path: Path) -> None:
    wrong = {"CASEAPP_DATABASE_URL": "mysql://x", "CASEAPP_KEYSTORE_URL": "mysql://x", "CASEAPP_IDLE_MINUTES": "soon"}
    stopped = start(Installation(tmp_path, {"CASEAPP_HOME": str(tmp_path)} | wrong), "routes")
    assert stopped.returncode == CONFIGURATION
    assert all(name in stopped.stderr for name in wrong)
    assert list(tmp_path.iterdir()) == []


def test_commands_where_nothing_is_installed_say_what_to_do(tmp_path: Path) -> None:
    nothing = Installation(tmp_path / "home", {"CASEAPP_HOME": str(tmp_path / "home")})
    said = start(nothing, "audit", "verify")
    assert (said.returncode, said.stdout) == (CONFIGURATION, "")
    assert "init" in said.stderr
    assert not (tmp_path / "home").exists()


# -- the two guards against forgetting ----------------------------------------------------------------------------------


def _with_address(app: Flask, declare: Callable[[Callable[[], str]], Callable[[], str]]) -> Flask:
    def forgotten() -> str:
        return "everything about everybody"

    blueprint = Blueprint("forgetful", __name__)
    blueprint.add_url_rule("/forgotten", "forgotten", declare(forgotten))
    made = Flask("caseapp")
    made.register_blueprint(blueprint)
    made.view_functions["static"] = public(lambda filename: "")
    return made


def test_an_address_that_declares_nothing_stops_the_start(empty_app: Flask) -> None:
    with pytest.raises(UndeclaredEndpoint, match=r"forgetful\.forgotten /forgotten"):
        refuse_undeclared(_with_address(empty_app, lambda view: view))


@pytest.mark.parametrize("declare", [public, needs(Permission.READ_CASE)])
def test_an_address_that_declares_something_starts(empty_app: Flask, declare: Callable[..., Callable[[], str]]) -> None:
    refuse_undeclared(_with_address(empty_app, declare))


def test_a_blueprint_that_declares_nothing_stops_create_app(installation: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    from caseapp import web

    blueprint = Blueprint("forgetful", __name__)
    blueprint.add_url_rule("/forgotten", "forgotten", lambda: "everything")
    monkeypatch.setattr(web, "BLUEPRINTS", (*web.BLUEPRINTS, blueprint))
    with pytest.raises(UndeclaredEndpoint, match="/forgotten"), installation.application():
        pass


@action
def _forgetful(actor: Actor, name: str) -> None:
    session().add(Agency(actor="school", name=name))


@action
def _careful(actor: Actor, name: str) -> None:
    allow(actor, Permission.MANAGE_SETTINGS)
    session().add(Agency(actor="school", name=name))


@action
def _careful_around_forgetful(actor: Actor, name: str) -> None:
    allow(actor, Permission.MANAGE_SETTINGS)
    _forgetful(actor, name)


@pytest.mark.parametrize("careless", [_forgetful, _careful_around_forgetful])
def test_an_action_that_never_asked_commits_nothing(
    app: Flask, actor: Callable[[str], Actor], municipality: Municipality, careless: Callable[[Actor, str], None]
) -> None:
    def agencies() -> int:
        with transaction(reading=True) as current:
            return current.query(Agency).count()

    before = agencies()
    with pytest.raises(NeverAllowed):
        careless(actor("admin"), "Smygskolan")
    assert agencies() == before
    _careful(actor("admin"), "Ekskolan Norra")
    assert agencies() == before + 1


# -- the first start ----------------------------------------------------------------------------------------------------


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where a first start is to lie; no setting of the caller's shell reaches it."""
    for name in [name for name in os.environ if name.startswith("CASEAPP_")]:
        monkeypatch.delenv(name)
    place = tmp_path / "home"
    monkeypatch.setenv("CASEAPP_HOME", str(place))
    return place


def test_a_first_start_makes_an_installation_only_its_owner_can_read(place: Path) -> None:
    assert launch.is_first_start()
    invitation = launch.install(place, with_demonstration=False)
    assert invitation.startswith("/invitation/")
    assert not launch.is_first_start()
    assert place.stat().st_mode & 0o777 == 0o700
    assert all(file.stat().st_mode & 0o077 == 0 for file in place.iterdir())
    assert [path.name for path in place.parent.iterdir()] == ["home"]


def test_a_first_start_that_fails_half_way_leaves_nothing(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    original = launch.command

    def failing(*words: str, **named: object) -> str:
        if words[0] == "demo":
            raise launch.CannotStart("The first start stopped.", 1)
        return original(*words, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(launch, "command", failing)
    with pytest.raises(launch.CannotStart):
        launch.install(place, with_demonstration=True)
    assert list(place.parent.iterdir()) == []
    assert launch.is_first_start()


def test_a_first_start_takes_the_settings_of_the_directory_along(place: Path) -> None:
    place.mkdir()
    (place / ".env").write_text("CASEAPP_IDLE_MINUTES=12\n")
    launch.install(place, with_demonstration=False)
    assert (place / ".env").read_text() == "CASEAPP_IDLE_MINUTES=12\n"
    assert (place / "master.key").exists()


def test_a_directory_with_something_else_in_it_is_left_alone(place: Path) -> None:
    place.mkdir()
    (place / "thesis.odt").write_text("years of work")
    with pytest.raises(launch.CannotStart) as refused:
        launch.install(place, with_demonstration=False)
    assert refused.value.code == CONFIGURATION
    assert (place / "thesis.odt").read_text() == "years of work"
    assert [path.name for path in place.iterdir()] == ["thesis.odt"]


def _launch(place: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "scripts.launch", *words], cwd=ROOT, env=os.environ | {"CASEAPP_HOME": str(place)},
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


def test_a_second_start_without_its_key_stops_with_one_sentence(place: Path) -> None:
    launch.install(place, with_demonstration=False)
    (place / "master.key").unlink()
    before = every_file(place)
    stopped = _launch(place, "--port", "0")
    assert (stopped.returncode, stopped.stdout) == (CONFIGURATION, "")
    assert len(stopped.stderr.strip().splitlines()) == 1
    assert every_file(place) == before


def test_wrong_use_is_said_with_exit_code_2(place: Path) -> None:
    assert _launch(place, "--port", "http").returncode == 2
    assert not place.exists()


def test_a_taken_port_is_said_with_another_to_try(place: Path) -> None:
    import socket

    launch.install(place, with_demonstration=False)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        stopped = _launch(place, "--port", str(port))
    assert stopped.returncode == 1
    assert f"--port {port + 1}" in stopped.stderr
    assert "Traceback" not in stopped.stderr
