"""`flask --app wsgi statistics …`: the ledger from the terminal, a quarter prepared, a bundle written again, and the attacker.

The commands are the operator's and open no case, but for one: `prepare` is done in the name of a statistician, with their rights, and the
log says that it came from a terminal. A bundle that is written again is in the log. Exit codes: 0 done, 1 something was found or refused,
2 wrong use, 78 configuration.
"""

import json
import sys
from pathlib import Path
from typing import NoReturn

import click
from flask.cli import AppGroup
from sqlalchemy import select

from caseapp import audit
from caseapp.access import Actor, Refused, now
from caseapp.accounts import actor_for
from caseapp.accounts.models import User
from caseapp.accounts.rules import fold_login
from caseapp.db import DamagedRow, bound_database, transaction
from caseapp.disclosure import Inconsistent
from caseapp.terminal import TERMINAL, database

from .background import carry_out
from .bundle import unpack, write_folder
from .jobs import begin_preparation, watch_preparation
from .ledger import kept, releases, standing
from .models import RECALLED, STANDING, Release
from .releases import Kept, attack_all, digest
from .rounded import CannotRound, discard_rounded, files_of, round_year
from .steps import Step, nobody_waits
from .words import english_words

statistics_commands = AppGroup("statistics", help="Quarters and their releases.")
_AS_JSON = click.option("--json", "as_json", is_flag=True, help="Machine-readable result.")


@statistics_commands.command("list")
@_AS_JSON
def list_releases(as_json: bool) -> None:
    """The ledger: every release with its state and the hash of its bytes.

    Example: flask --app wsgi statistics list --json
    """
    database()
    with transaction(reading=True):
        lines = [
            {"release": row.about["label"], "quarter": row.quarter, "state": row.state, "sha256": row.sha256} for row in _rows()
        ]
    if as_json:
        click.echo(json.dumps(lines))
        return
    for line in lines:
        click.echo(f"{line['release']:22} {line['state']:10} {line['sha256']}")
    if not lines:
        click.echo("No release yet.")


_WHY = {
    "not_permitted": "that person is no statistician",
    "release_waits": "a release waits for a decision already",
    "quarter_not_ended": "the quarter has not ended",
    "year_rounded": "a table of that year was written with rounded numbers, and whoever has both can find out what was hidden",
    "quarter_not_next": "quarters are prepared in order, one at a time",
    "ledger_changed": "somebody else prepared or decided something meanwhile",
    "interrupted": "it was interrupted",
    "damaged_row": "a row was changed past the application; see flask --app wsgi audit verify",
    "program_error": "the program failed; the server's log says where",
    "unprotectable": "somebody could be found even if no new number were printed",
    "unprotectable_outside": "somebody could be found, perhaps because of a table that left the house another way",
    "no_time": "the computation did not finish, and what is uncertain counts as unprotected",
    "counts_contradict": "the records contradict what was released before",
    "earlier_contradict": "two earlier releases contradict each other",
    "damaged_bundle": "the bundle of an earlier release is damaged",
    "unknown_table": "the table plan has a table of a kind for which there is no protection",
    "mixed_populations": "the table plan counts two populations in one system",
    "plan_refused": "the table plan contradicts itself",
}


@statistics_commands.command("prepare")
@click.argument("quarter")
@click.option("--as", "login", required=True, help="Login of the statistician in whose name it is done.")
def prepare(quarter: str, login: str) -> None:
    """Count and protect a quarter, and put it before a second person. Ctrl-C calls it off; nothing is stored then.

    Example: flask --app wsgi statistics prepare 2026Q3 --as stellan
    """
    database()
    actor = _person(login)
    try:
        preparation_id = begin_preparation(actor, quarter)
        carry_out(bound_database(), preparation_id, actor.request_id, tell=_show)
    except Refused as refusal:
        _stop(f"{quarter} was not prepared: {_WHY.get(refusal.reason, refusal.reason)}.")
    except DamagedRow as error:
        _stop(f"The ledger was changed past the application: {error}")
    except KeyboardInterrupt:
        _stop("Called off. Nothing was stored.")
    work = watch_preparation(actor, preparation_id)
    if work.goes_on:
        _stop(f"{work.quarter} is being prepared by somebody else at this moment. Nothing was done here.")
    if not work.release_id:
        about = f" ({work.about})" if work.about else ""
        _stop(f"{work.quarter} was not prepared: {_WHY.get(work.reason, work.reason or 'it was called off')}{about}. Nothing was stored.")
    with transaction(reading=True):
        label = next(row.about["label"] for row in _rows() if row.id == work.release_id)
    click.echo(f"{label} waits for a unit manager's decision.")


def _show(step: Step) -> None:
    click.echo(english_words(step), err=True)


def _person(login: str) -> Actor:
    with transaction(reading=True) as current:
        index = bound_database().keyholder.blind_index("login", fold_login(login))
        user_id = current.scalars(select(User.id).where(User.login_index == index)).one_or_none()
        actor = actor_for(user_id, request_id="terminal") if user_id else None
    if actor is None:
        raise click.UsageError(f"Nobody who may sign in has the login {login}.")
    return actor


@statistics_commands.command("bundle")
@click.argument("release")
@click.option("--out", required=True, type=click.Path(file_okay=False, path_type=Path), help="Folder to write into.")
def write_bundle(release: str, out: Path) -> None:
    """Write the bundle of an approved release again, byte for byte: a folder, and the same as .zip.

    Example: flask --app wsgi statistics bundle 1283-2026Q3-r1 --out bundles
    """
    database()
    with transaction() as current:
        row = next((row for row in _rows() if row.about["label"] == release and row.state in STANDING), None)
        if row is None:
            raise click.UsageError(f"There is no approved release {release}. See: flask --app wsgi statistics list")
        if digest(row.archive) != row.sha256:
            _stop(f"{release} is not the file that was approved. Nothing was written.")
        archive, is_recalled = row.archive, row.state == RECALLED
        entry = audit.Entry(now(), "", None, None, "export", "statistics.read", detail={"release": release, "sha256": row.sha256})
        audit.append(current, bound_database().keyholder, [entry])
        current.commit()
    folder, packed = out / release, out / f"{release}.zip"
    if folder.exists() or packed.exists():
        _stop(f"{folder} is there already. Nothing was written.")
    write_folder(unpack(archive), folder)
    packed.write_bytes(archive)
    click.echo(f"{folder}\n{packed}")
    if is_recalled:
        click.echo(f"{release} was recalled: its numbers are not to be used, though they go on to bind every later release.", err=True)


@statistics_commands.command("rounded")
@click.argument("year", type=click.IntRange(2000, 2100))
@click.argument("table")
@click.option("--base", type=click.IntRange(3, 20), help="Counts become multiples of this; the settings say which otherwise.")
@click.option("--out", required=True, type=click.Path(file_okay=False, path_type=Path), help="Folder to write into.")
def write_rounded(year: int, table: str, base: int | None, out: Path) -> None:
    """Write one table of a year with every count rounded. Refused where anything of that year was released or waits to be.

    Example: flask --app wsgi statistics rounded 2026 A3 --out rounded
    """
    database()
    if out.exists():
        _stop(f"{out} is there already. Nothing was written.")
    progress = _show if sys.stderr.isatty() else nobody_waits
    try:
        made = round_year(TERMINAL, year, table, base, progress)
    except CannotRound as reason:
        _stop(f"{reason} Nothing was written.")
    except DamagedRow as error:
        _stop(f"The ledger was changed past the application: {error}")
    write_folder(files_of(made), out)
    click.echo(f"{out}\nRounded numbers. Never publish them beside a release of {year}, or beside another rounded table of it.")
    click.echo(f"No quarter of {year} can be released any more.", err=True)


@statistics_commands.command("discard-rounded")
@click.argument("year", type=click.IntRange(2000, 2100))
@click.option("--reason", required=True, help="Why, and how it is known that nobody was given the numbers.")
def discard_written(year: int, reason: str) -> None:
    """Forget the rounded tables of a year that nobody was given, so that its quarters may be released.

    Example: flask --app wsgi statistics discard-rounded 2026 --reason "Written to try it, the folder was deleted the same day"
    """
    database()
    if not reason.strip():
        raise click.UsageError("Give a reason: it is kept, and who reads the log will ask.")
    if not discard_rounded(TERMINAL, year, reason=reason.strip()):
        _stop(f"No rounded table of {year} is on record. Nothing was changed.")
    click.echo(f"The rounded tables of {year} are discarded. If anybody has them all the same, nothing of {year} may be released.")


@statistics_commands.command("attack")
@_AS_JSON
def attack(as_json: bool) -> None:
    """Let the attacker loose on everything approved; exit 1 if a small number can be found out.

    Example: flask --app wsgi statistics attack --json
    """
    database()
    with transaction(reading=True):
        approved: list[Kept] = [kept(row) for row in standing(_rows())]
    if sys.stderr.isatty():
        click.echo(f"attacking {len(approved)} releases …", err=True)
    try:
        findings = attack_all(approved)
    except (Inconsistent, ValueError) as error:
        _stop(f"The ledger contradicts itself: {error}")
    breaches = [f for f in findings if not f.is_open]
    narrowest = min((f.hi - f.lo for f in findings if f.kind != "group"), default=None)
    if as_json:
        places = [{"kind": f.kind, "unit": f.unit, "cell": dict(f.codes)} for f in breaches]
        click.echo(json.dumps({"releases": len(approved), "looked_at": len(findings), "narrowest": narrowest, "breaches": places}))
    else:
        for f in breaches:
            click.echo(f"can be found out: {f.unit} {dict(f.codes)}")
        width = "nothing small" if narrowest is None else f"narrowest interval {narrowest}"
        click.echo(f"{len(approved)} releases, {len(findings)} cells and groups looked at, {width}, {len(breaches)} breaches")
    sys.exit(1 if breaches else 0)


def _rows() -> list[Release]:
    try:
        return list(releases())
    except DamagedRow as error:
        _stop(f"The ledger was changed past the application: {error}")


def _stop(sentence: str) -> NoReturn:
    click.echo(sentence, err=True)
    sys.exit(1)
