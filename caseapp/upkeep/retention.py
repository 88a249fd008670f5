"""`flask --app wsgi retention …`: what is to be erased and why, and the erasing of what two people approved.

Nothing is decided here: the verdict is erasure's, made anew for each case on the day of the run, and two people have approved each one.
A case that was opened, written in or held since is kept, and the reason is told. An interrupted run is finished by the next.
Exit codes: 0 done, 1 something was kept back or could not be finished, 2 wrong use, 78 configuration.
"""

import json
import sys
from collections.abc import Sequence

import click
from flask import current_app
from flask.cli import AppGroup

from caseapp.access import now
from caseapp.drafts.actions import remove_old_drafts
from caseapp.erasure import actions
from caseapp.terminal import TERMINAL, database

from .erasing import TracesLeft, erase_cases
from .ledger import DamagedLedger, Erasure

retention_commands = AppGroup("retention", help="What is to be erased, and why.")

_REASONS = {
    "due": "due",
    "held": "kept: a hold is set",
    "kept_everything": "kept: the municipality keeps all cases",
    "kept_birth_day": "kept for research, by day of birth",
    "birth_unknown": "kept: the day of birth is unknown",
    "case_open": "kept: the case is open",
    "not_yet": "kept: something was written in it since",
}


@retention_commands.command("due")
@click.option("--json", "as_json", is_flag=True, help="Machine-readable: case_number, due_on, last_entry, reason.")
def due(as_json: bool) -> None:
    """List every closed case whose time is out, and the reason for each that is kept.

    Example: flask --app wsgi retention due --json
    """
    database()
    found = actions.everything_due(TERMINAL)
    if as_json:
        lines = [(one.case_number, one.verdict.due_on.isoformat(), one.last_entry.isoformat(), one.verdict.reason) for one in found]
        click.echo(json.dumps([dict(zip(("case_number", "due_on", "last_entry", "reason"), line, strict=True)) for line in lines]))
        return
    for one in found:
        click.echo(f"{one.case_number:12} {one.verdict.due_on}  {_REASONS[one.verdict.reason]}")
    click.echo(f"{sum(one.verdict.is_due for one in found)} due, {sum(not one.verdict.is_due for one in found)} kept")


@retention_commands.command("run")
@click.option("--dry-run", is_flag=True, help="Only say what would be erased.")
def run(dry_run: bool) -> None:
    """Erase the cases that two people approved, and write the report. Drafts older than thirty days are removed as well.

    Example: flask --app wsgi retention run --dry-run
    """
    database()
    kept = 0
    chosen = []
    for decision in actions.approved_decisions(TERMINAL):
        if decision.verdict is not None and not decision.verdict.is_due:
            kept += 1
            click.echo(f"{decision.case_number:12} {_REASONS[decision.verdict.reason]}")
        else:
            chosen.append(decision)
    if dry_run:
        for decision in chosen:
            click.echo(f"{decision.case_number:12} would be erased")
        sys.exit(1 if kept else 0)
    removed = remove_old_drafts(TERMINAL)
    if removed:
        click.echo(f"{removed} drafts older than thirty days removed")
    unfinished = _erase(chosen)
    for decision in chosen:
        actions.note_carried_out(TERMINAL, decision.decision_id)
        click.echo(f"{decision.case_number:12} erased")
    click.echo(f"{len(chosen)} erased, {kept} kept")
    if unfinished:
        click.echo(unfinished, err=True)
    sys.exit(1 if kept or unfinished else 0)


def _erase(chosen: Sequence[actions.Approved]) -> str:
    """Erase these cases; a sentence where traces in the files have to be cleaned later, "" otherwise."""
    erasures = [Erasure(one.case_id, now(), "retention", one.approved_by_ids) for one in chosen]
    with click.progressbar(erasures, label="Erasing", file=sys.stderr) as bar:
        try:
            erase_cases(database(), current_app.extensions["caseapp.config"].home, bar)
        except TracesLeft as left:
            return str(left)
        except DamagedLedger as error:
            click.echo(str(error), err=True)
            sys.exit(1)
    return ""
