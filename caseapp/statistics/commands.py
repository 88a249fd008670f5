"""`flask --app wsgi statistics …`: the ledger from the terminal, a bundle written again, and the attacker on everything approved.

The commands are the operator's: they open no case, and a bundle that is written again is in the log. Exit codes: 0 done,
1 something was found, 2 wrong use, 78 configuration.
"""

import json
import sys
from pathlib import Path
from typing import NoReturn

import click
from flask.cli import AppGroup

from caseapp import audit
from caseapp.access import now
from caseapp.db import DamagedRow, bound_database, transaction
from caseapp.disclosure import Inconsistent
from caseapp.terminal import TERMINAL, database

from .actions import kept, releases
from .bundle import unpack, write_folder
from .models import APPROVED, Release
from .releases import Kept, attack_all, digest
from .rounded import CannotRound, files_of, round_year

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


@statistics_commands.command("bundle")
@click.argument("release")
@click.option("--out", required=True, type=click.Path(file_okay=False, path_type=Path), help="Folder to write into.")
def write_bundle(release: str, out: Path) -> None:
    """Write the bundle of an approved release again, byte for byte: a folder, and the same as .zip.

    Example: flask --app wsgi statistics bundle 1283-2026Q3-r1 --out bundles
    """
    database()
    with transaction() as current:
        row = next((row for row in _rows() if row.about["label"] == release and row.state == APPROVED), None)
        if row is None:
            raise click.UsageError(f"There is no approved release {release}. See: flask --app wsgi statistics list")
        if digest(row.archive) != row.sha256:
            _stop(f"{release} is not the file that was approved. Nothing was written.")
        archive = row.archive
        entry = audit.Entry(now(), "", None, None, "export", "statistics.read", detail={"release": release, "sha256": row.sha256})
        audit.append(current, bound_database().keyholder, [entry])
        current.commit()
    folder, packed = out / release, out / f"{release}.zip"
    if folder.exists() or packed.exists():
        _stop(f"{folder} is there already. Nothing was written.")
    write_folder(unpack(archive), folder)
    packed.write_bytes(archive)
    click.echo(f"{folder}\n{packed}")


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
    progress = (lambda step: click.echo(step, err=True)) if sys.stderr.isatty() else (lambda _step: None)
    try:
        made = round_year(TERMINAL, year, table, base, progress)
    except CannotRound as reason:
        _stop(f"{reason} Nothing was written.")
    except DamagedRow as error:
        _stop(f"The ledger was changed past the application: {error}")
    write_folder(files_of(made), out)
    click.echo(f"{out}\nRounded numbers. Never publish them beside a release of {year}, or beside another rounded table of it.")


@statistics_commands.command("attack")
@_AS_JSON
def attack(as_json: bool) -> None:
    """Let the attacker loose on everything approved; exit 1 if a small number can be found out.

    Example: flask --app wsgi statistics attack --json
    """
    database()
    with transaction(reading=True):
        approved: list[Kept] = [kept(row) for row in _rows() if row.state == APPROVED]
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
