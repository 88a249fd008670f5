"""`flask --app wsgi keys …`: how the keys stand, new ones in their place, and the master key on paper.

No command shows a key, except `keys shares`, which is for that. Each act is in the log. Exit codes: 0 done, 1 something was found or
could not be finished, 2 wrong use, 78 configuration.
"""

import json
import os
import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, NoReturn

import click
from flask import current_app
from flask.cli import AppGroup

from caseapp import audit, installation
from caseapp.db import Database, transaction
from caseapp.db.engine import make_engine
from caseapp.formats import clock
from caseapp.keyholder import KeyRefused, KeyringError, KeyStanding, NoShares
from caseapp.keyholder.recovery import recover_key_file
from caseapp.keyholder.shares import HOW_MANY, NEEDED, WrongShares, key_of, shares_of
from caseapp.terminal import CONFIGURATION, database

from .case_keys import StillAtWork, renew_cases
from .key_age import key_age_warnings

keys_commands = AppGroup("keys", help="The installation's keys.")


@keys_commands.command("status")
@click.option("--json", "as_json", is_flag=True, help="Machine-readable result.")
def status(as_json: bool) -> None:
    """Where the master key is, how old its versions are, how many keys each wraps, and what lingers.

    Example: flask --app wsgi keys status --json
    """
    standing, now = database().keyholder.standing(), clock.now()
    told = _told(standing)
    warnings = key_age_warnings(standing, now, master_key_days=current_app.extensions["caseapp.config"].master_key_days)
    if as_json:
        click.echo(json.dumps({**told, "warnings": warnings}))
        return
    click.echo(f"provider: {standing.provider}")
    for version in told["versions"]:
        age = "age unknown" if version["age_days"] is None else f"{version['age_days']} days old"
        uses = f"{version['purpose_keys']} purpose keys, {version['case_keys']} case keys, {version['earlier_case_keys']} earlier case keys"
        click.echo(f"version {version['version']}{' (current)' if version['is_current'] else ''}: {age}, wraps {uses}")
    click.echo(f"cases with a key: {standing.cases}, of which {standing.cases_with_earlier_keys} keep earlier ones")
    for warning in warnings:
        click.echo(f"note: {warning}")


def _told(standing: KeyStanding) -> dict[str, Any]:
    now = clock.now()
    versions = [
        {
            "version": version.version,
            "is_current": version.is_current,
            "age_days": None if version.made_at is None else (now - version.made_at).days,
            "purpose_keys": version.purpose_keys,
            "case_keys": version.case_keys,
            "earlier_case_keys": version.earlier_case_keys,
        }
        for version in standing.versions
    ]
    since = standing.rotation_since
    return {
        "provider": standing.provider,
        "versions": versions,
        "cases": standing.cases,
        "cases_with_earlier_keys": standing.cases_with_earlier_keys,
        "rotation_since": since.isoformat() if since else None,
    }


@keys_commands.command("rotate")
@click.option("--master", is_flag=True, help="A new version of the master key, by which every key is wrapped anew.")
@click.option("--cases", is_flag=True, help="A new key for each case, under which every value is sealed anew.")
@click.option("--wait", default=60, show_default=True, type=click.IntRange(1, 3600), help="Seconds to wait for others' open transactions.")
def rotate(master: bool, cases: bool, wait: int) -> None:
    """Replace keys while everybody goes on working. After an interruption the same command goes on where it stopped.

    Example: flask --app wsgi keys rotate --master
    """
    if master == cases:
        raise click.UsageError("Say which keys: --master or --cases.")
    at_hand = database()
    try:
        _rotate_master(at_hand) if master else _rotate_cases(at_hand, wait)
    except (KeyringError, KeyRefused) as error:
        _stop(str(error), CONFIGURATION)
    except StillAtWork as error:
        _stop(str(error))


def _rotate_master(at_hand: Database) -> None:
    rotation = at_hand.keyholder.master_rotation()
    is_new = rotation.begin(clock.now())
    total = rotation.remaining()
    with _bars() as progress:
        done = 0
        for batch in rotation.rewrap():
            done += batch
            progress("Wrapping keys", done, total)
    removed = rotation.remove_unused()
    _log(at_hand, "key_rotate", "keys.rotate_master", {"wrapped": done, "removed": list(removed), "resumed": not is_new})
    click.echo(
        f"{done} keys are wrapped by the {'new' if is_new else 'newest'} version of the master key; "
        f"removed: {', '.join(f'version {version}' for version in removed) or 'none'}."
    )
    click.echo("Back-ups of the key store from before need the master key from before; shares on paper must be made anew.")


def _rotate_cases(at_hand: Database, wait: int) -> None:
    names = {"keys": "New keys", "rows": "Sealing anew", "count": "Counting"}
    with _bars() as progress:
        done = renew_cases(
            at_hand, now=clock.now(), wait_seconds=wait, progress=lambda step, so_far, total: progress(names[step], so_far, total)
        )
    resumed = " (an interrupted rotation went on)" if done.was_resumed else ""
    click.echo(f"{done.cases} cases got a new key{resumed}; {done.rows} rows were sealed anew.")
    for table, row_id, case_id in done.left:
        click.echo(f"{table} {row_id} of case {case_id} is damaged and was left as it is")
    if done.cases_kept:
        click.echo(f"{done.cases_kept} cases keep their earlier key.")
    sys.exit(1 if done.left or done.cases_kept else 0)


@keys_commands.command("shares")
def shares() -> None:
    """Print the master key as three shares of words, any two of which restore it. Write them down; they are shown once.

    Example: flask --app wsgi keys shares
    """
    at_hand = database()
    if stat.S_ISREG(os.fstat(sys.stdout.fileno()).st_mode):
        _stop("Shares are for paper: they are not written to a file.", 2)
    if len(at_hand.keyholder.standing().versions) > 1:
        _stop("The master key is being rotated. Finish that first: flask --app wsgi keys rotate --master")
    try:
        words = shares_of(at_hand.keyholder.key_to_share())
    except NoShares as error:
        _stop(str(error))
    _log(at_hand, "disclose", "keys.shares", {"shares": HOW_MANY, "needed": NEEDED})
    for number, share in enumerate(words, 1):
        click.echo(f"Share {number} of {HOW_MANY} (any {NEEDED} restore the master key):\n\n{_in_lines(share)}\n")
    click.echo("Keep each in another place. After keys rotate --master they are worth nothing, and new ones are needed.")


def _in_lines(share: str) -> str:
    words = share.split()
    return "\n".join("  " + " ".join(f"{word:9}" for word in words[start : start + 8]).rstrip() for start in range(0, len(words), 8))


@keys_commands.command("recover")
def recover() -> None:
    """Ask for two shares and write the key file again. Never overwrites one; the key is checked against the key store first.

    Example: flask --app wsgi keys recover
    """
    config = current_app.extensions["caseapp.config"]
    if config.key_provider != "file":
        _stop(f"Only a key file is restored from shares, and this installation's provider is {config.key_provider}.", CONFIGURATION)
    if config.keyring.exists():
        _stop(f"The key file {config.keyring} exists already and is never overwritten.")
    engine = make_engine(config.keystore_url)
    try:
        version = recover_key_file(engine, key_of(_ask("First share"), _ask("Second share")), config.keyring)
    except WrongShares as error:
        _stop(f"{error} Nothing was written.")
    except (KeyringError, KeyRefused) as error:
        _stop(str(error))
    finally:
        engine.dispose()
    at_hand = installation.connect(config)
    if at_hand is not None:
        at_hand.bind()
        _log(at_hand, "create", "keys.recover", {"version": version})
        at_hand.dispose()
    click.echo(f"The key file {config.keyring} is written again, with version {version} of the master key.")


def _ask(which: str) -> str:
    """The words of a share: on one line or several, up to as many as a share has, or an empty line."""
    words: list[str] = []
    click.echo(f"{which} (its words in order; an empty line ends it):", err=True)
    while len(words) < 33:
        line = sys.stdin.readline()
        if line.strip():
            words += line.split()
        elif words or not line:  # an empty line before the first word ended the share before
            break
    return " ".join(words)


@contextmanager
def _bars() -> Iterator[Callable[[str, int, int], None]]:
    """A function that shows how far a step has come: a bar for each step, one after the other."""
    with ExitStack() as steps:
        bars: dict[str, Any] = {}

        def progress(label: str, done: int, total: int) -> None:
            if label not in bars:
                steps.close()
                bars[label] = steps.enter_context(click.progressbar(length=total, label=label, file=sys.stderr))
            bars[label].update(done - bars[label].pos)

        yield progress


def _log(at_hand: Database, action: str, permission: str, detail: dict[str, object]) -> None:
    with transaction() as current:
        audit.append(current, at_hand.keyholder, [audit.Entry(clock.now(), "", None, None, action, permission, detail=detail)])
        current.commit()


def _stop(sentence: str, code: int = 1) -> NoReturn:
    click.echo(sentence, err=True)
    sys.exit(code)
