"""Starts caseapp on this machine: the first time makes the installation, every time serves it on the loopback address.

The question answered here is "what does a person need who has just fetched this and wants to see it?". Promised: the first start
is whole or absent (it is prepared beside its place and moved there when complete, so that an interrupted one leaves nothing half
done, where the databases lie in it too, as they do by default); later starts change nothing; the server writes no request or
answer to temporary files. Not promised: a service for a municipality. That is a WSGI server of its own behind TLS, started with
`wsgi:app`, and `flask --app wsgi init`.
"""

import argparse
import contextlib
import io
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click
import pyotp
import waitress
from flask import Flask
from flask.cli import ScriptInfo

import config as settings
from caseapp.audit import vouch
from caseapp.installation import is_installed

ROOT = Path(__file__).resolve().parent.parent
CONFIGURATION = 78
#: No request is larger in memory than this, in bytes; what is smaller but still too large for the application gets its own page.
LARGEST_REQUEST = 64 * 1024 * 1024


class CannotStart(Exception):
    """Why the application does not start, in a sentence, with the exit code of the command that said so."""

    def __init__(self, sentence: str, code: int = 1) -> None:
        super().__init__(sentence)
        self.code = code


def home() -> Path:
    """Where the installation lies: $CASEAPP_HOME, or `instance/` beside the program."""
    return Path(os.environ.get("CASEAPP_HOME") or ROOT / "instance").absolute()


def is_first_start() -> bool:
    """Whether nothing is installed yet for these settings. Raises ConfigurationError for settings that cannot be used."""
    return not is_installed(settings.load())


def command(*words: str, place: Path, capture: bool = False) -> str:
    """What `flask --app wsgi …` wrote for the installation at this place. Raises CannotStart with its exit code."""
    done = subprocess.run(  # noqa: S603 - fixed words, our own interpreter
        [sys.executable, "-m", "flask", "--app", "wsgi", *words],
        cwd=ROOT,
        env=os.environ | {"CASEAPP_HOME": str(place)},
        stdout=subprocess.PIPE if capture else sys.stderr,
        text=True,
        check=False,
    )
    if done.returncode:
        raise CannotStart(f"The first start stopped at: flask --app wsgi {' '.join(words)}", done.returncode)
    return done.stdout or ""


def install(place: Path, *, with_demonstration: bool) -> str:
    """A new installation at this place; its first administrator's invitation, a path on the server."""
    if place.exists() and any(entry.name != ".env" for entry in place.iterdir()):
        raise CannotStart(f"{place} holds files that are not an installation: name an empty directory in CASEAPP_HOME.", CONFIGURATION)
    preparing = place.with_name(place.name + ".preparing")
    shutil.rmtree(preparing, ignore_errors=True)  # what an interrupted first start left: never served, never moved
    preparing.mkdir(parents=True, mode=0o700)
    try:
        if (place / ".env").exists():
            shutil.copy2(place / ".env", preparing)
        say("Making keys, key store and database …")
        invitation = re.search(r"/invitation/\S+", command("init", place=preparing, capture=True))
        if with_demonstration:
            say("Loading the demonstration municipality …")
            command("demo", "load", place=preparing)
        if place.exists():
            (place / ".env").unlink(missing_ok=True)
            place.rmdir()
        preparing.rename(place)
    except BaseException:
        shutil.rmtree(preparing, ignore_errors=True)
        raise
    return invitation.group() if invitation else ""


def demonstration_people(app: Flask) -> list[dict[str, Any]]:
    """The fictitious people of a demonstration installation; nobody elsewhere."""
    written = io.StringIO()
    with contextlib.redirect_stdout(written), contextlib.redirect_stderr(io.StringIO()):
        try:
            app.cli.main(
                ["demo", "people", "--json"], prog_name="flask", standalone_mode=False, obj=ScriptInfo(create_app=lambda: app)
            )
        except (click.ClickException, click.exceptions.Exit):
            return []
        except SystemExit as stopped:
            if stopped.code:
                return []
    people: list[dict[str, Any]] = json.loads(written.getvalue())
    return people


def make_server(app: Callable[..., Any], port: int, *, host: str = "127.0.0.1") -> Any:
    """A server bound to this port (0: a free one), not yet serving. Raises OSError where the port is taken.

    Both overflow limits lie above the largest request: otherwise waitress lays long requests and answers in temporary files, in the
    clear.
    """
    return waitress.create_server(
        app,
        host=host,
        port=port,
        threads=8,
        ident=None,
        clear_untrusted_proxy_headers=True,
        max_request_body_size=LARGEST_REQUEST,
        inbuf_overflow=LARGEST_REQUEST + 1,
        outbuf_overflow=4 * LARGEST_REQUEST,
    )


def greeting(address: str, people: Sequence[dict[str, Any]], invitation: str) -> str:
    """What is printed once the server answers: the address, and who can sign in."""
    lines = ["", f"caseapp is at {address}    (stop with Ctrl+C)"]
    if people:
        rows = [(str(p["login"]), str(p["password"]), str(p["totp_secret"]), f"{p['role']}, {p['agency']}") for p in people]
        rows.insert(0, ("sign-in", "password", "secret for codes", "who"))
        widths = [max(len(row[column]) for row in rows) for column in range(3)]
        lines += ["", "Demonstration sign-ins, everybody fictitious:", ""]
        lines += ["  " + "  ".join(cell.ljust(width) for cell, width in zip(row, [*widths, 0], strict=True)).rstrip() for row in rows]
        lines += ["", f"The second step asks for a code: ./scripts/run --code {people[0]['login']}"]
    elif invitation:
        lines += ["", f"Invitation for the first administrator (works once): {address.rstrip('/')}{invitation}"]
    return "\n".join([*lines, ""])


def code_for(app: Flask, login: str) -> str:
    """The six digits that this demonstration person would give now."""
    for person in demonstration_people(app):
        if person["login"] == login:
            return pyotp.TOTP(person["totp_secret"]).now()
    raise CannotStart(f"There is no demonstration sign-in {login!r} here.", 2)


def say(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)


def start(arguments: argparse.Namespace) -> None:
    """Do what was asked on the command line."""
    place = home()
    os.environ["CASEAPP_HOME"] = str(place)
    invitation = ""
    if arguments.code is None and is_first_start():
        invitation = install(place, with_demonstration=not arguments.empty)
    from wsgi import app  # settings and key are read here; a missing or wrong key exits with 78 and a sentence

    if arguments.code is not None:
        print(code_for(app, arguments.code))
        return
    try:
        server = make_server(app, arguments.port)
    except OSError:
        raise CannotStart(f"Port {arguments.port} is taken. Choose another: ./scripts/run --port {arguments.port + 1}", 1) from None
    print(greeting(f"http://127.0.0.1:{server.effective_port}/", demonstration_people(app), invitation), flush=True)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        server.run()
    finally:
        _vouch_for_the_log(app)


def _vouch_for_the_log(app: Flask) -> None:
    """What was written since the last checkpoint is vouched for before the lights go out."""
    database = app.extensions["caseapp.database"]
    if database is not None:
        database.bind()
        vouch(database.keyholder)


def main() -> int:
    """Exit code: 0 stopped by the person, 1 could not start, 2 wrong use, 78 configuration."""
    parser = argparse.ArgumentParser(prog="scripts/run", description="Starts caseapp on this machine.")
    parser.add_argument("--port", type=int, default=5000, help="port on 127.0.0.1 (default 5000)")
    parser.add_argument("--empty", action="store_true", help="first start without the demonstration municipality")
    parser.add_argument("--code", metavar="LOGIN", help="print a demonstration person's six digits and stop")
    try:
        start(parser.parse_args())
    except CannotStart as error:
        say(str(error))
        return error.code
    except settings.ConfigurationError as error:
        say(str(error))
        return CONFIGURATION
    except KeyboardInterrupt:
        say("")
    return 0


if __name__ == "__main__":
    sys.exit(main())
