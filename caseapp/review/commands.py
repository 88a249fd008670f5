"""`flask --app wsgi review …`: making a month's list from a timer, and drawing its sample again to see that it is the one.

What is chosen is decided in the room; the reviewer takes it from there. Exit codes: 0 done (also where the list was made before), 1 it
could not be done now or the sample is another, 2 wrong use, 78 configuration.
"""

import json
import sys

import click
from flask.cli import AppGroup

from caseapp.access import DamagedRow, Refused
from caseapp.formats import clock
from caseapp.terminal import TERMINAL, database

from .repeating import repeat_sample
from .rules import Month, month_called, month_of
from .selecting import MadeList, make_list

review_commands = AppGroup("review", help="The review of the log.")

_SAYS = {
    "month_not_ended": "The month has not ended: its list is made from the first day of the next.",
    "not_selected": "The list of this month is not made. Run: flask --app wsgi review select",
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
            made = make_list(TERMINAL, month, progress=lambda share: bar.update(max(0, int(share * 1000) - bar.pos)))
    except Refused as refusal:
        click.echo(_SAYS.get(refusal.reason, f"This was refused: {refusal.reason}."), err=True)
        sys.exit(2 if refusal.reason == "month_not_ended" else 1)
    except DamagedRow as damage:
        click.echo(f"A row was changed past the application, so nothing was selected: {damage}.", err=True)
        sys.exit(1)
    _tell(made, as_json)


@review_commands.command("repeat")
@click.option("--month", callback=_month, help="The month, such as 2026-10; the last that has ended if it is left out.")
@click.option("--json", "as_json", is_flag=True, help="Machine-readable: month, drawn, not_listed, not_drawn.")
def repeat(month: Month, as_json: bool) -> None:
    """Draw a month's random sample again from the log and the stored seed; exit 1 if the list holds another.

    Example: flask --app wsgi review repeat --month 2026-10
    """
    database()
    try:
        found = repeat_sample(TERMINAL, month)
    except Refused as refusal:
        click.echo(_SAYS.get(refusal.reason, f"This was refused: {refusal.reason}."), err=True)
        sys.exit(2)
    except DamagedRow as damage:
        click.echo(f"A row was changed past the application, so the sample cannot be compared: {damage}.", err=True)
        sys.exit(1)
    if as_json:
        told = {"month": month.written, "drawn": found.drawn, "not_listed": found.not_listed, "not_drawn": found.not_drawn}
        click.echo(json.dumps(told))
    elif found.is_same:
        click.echo(f"{found.drawn} readings drawn again: the list holds these and no other.")
    else:
        click.echo(f"{found.not_listed} of {found.drawn} readings drawn again are not on the list; {found.not_drawn} on it were not drawn.")
    sys.exit(0 if found.is_same else 1)


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
