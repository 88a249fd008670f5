"""`flask --app wsgi review …`: making a month's list from a timer. What is chosen is decided in the room; the reviewer takes it from there.

Exit codes: 0 done (also where the list was made before), 1 it could not be done now, 2 wrong use, 78 configuration.
"""

import json
import sys

import click
from flask.cli import AppGroup

from caseapp.access import OPERATOR, Actor, DamagedRow, Refused
from caseapp.formats import clock
from caseapp.terminal import database

from .rules import Month, month_called, month_of
from .selecting import MadeList, make_list

review_commands = AppGroup("review", help="The review of the log.")

_TERMINAL = Actor("", "", "", roles=frozenset({OPERATOR}))
_SAYS = {
    "month_not_ended": "The month has not ended: its list is made from the first day of the next.",
    "review_under_way": "The list of this month is being made by somebody else. Nothing was changed.",
}


def _month(_context: click.Context, _parameter: click.Parameter, written: str | None) -> Month:
    """The month named, or the one before today's."""
    if written is None:
        here = month_of(clock.today())
        return Month(here.year - (here.number == 1), (here.number - 2) % 12 + 1)
    try:
        return month_called(written)
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


@review_commands.command("select")
@click.option("--month", callback=_month, help="The month, such as 2026-10; the last that has ended if it is left out.")
@click.option("--json", "as_json", is_flag=True, help="Machine-readable: month, is_new, items, entries, readings, by_rule, reviewers.")
def select(month: Month, as_json: bool) -> None:
    """Make the list of a month that has ended: the random sample and what stands out. A list is made once; again changes nothing.

    Example: flask --app wsgi review select --month 2026-10
    """
    database()
    try:
        with click.progressbar(length=1000, label=f"Selecting {month.written}", file=sys.stderr) as bar:
            made = make_list(_TERMINAL, month, progress=lambda share: bar.update(max(0, int(share * 1000) - bar.pos)))
    except Refused as refusal:
        click.echo(_SAYS.get(refusal.reason, f"This was refused: {refusal.reason}."), err=True)
        sys.exit(2 if refusal.reason == "month_not_ended" else 1)
    except DamagedRow as damage:
        click.echo(f"A row was changed past the application, so nothing was selected: {damage}.", err=True)
        sys.exit(1)
    _tell(made, as_json)


def _tell(made: MadeList, as_json: bool) -> None:
    by_rule = {rule: count for rule, count in made.counts.items() if rule not in ("entries", "readings")}
    if as_json:
        told = {"month": made.month.written, "is_new": made.is_new, "items": made.items, "by_rule": by_rule, "reviewers": made.reviewers}
        click.echo(json.dumps(told | {name: made.counts[name] for name in ("entries", "readings")}))
    else:
        if not made.is_new:
            click.echo(f"The list of {made.month.written} was made before; nothing was changed.")
        click.echo(f"{made.counts['entries']} entries, {made.counts['readings']} readings, {made.items} to review")
        for rule, count in by_rule.items():
            click.echo(f"  {rule:13} {count}")
    if made.reviewers < 2:
        whom = "Nobody has" if made.reviewers == 0 else "Only one person has"
        click.echo(f"{whom} the role of log reviewer: nobody reviews themselves, so give it to two people.", err=True)
