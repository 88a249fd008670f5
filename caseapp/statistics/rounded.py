"""A year's table with rounded counts: another kind of protection, for a municipality that releases nothing else of that year.

This module answers: may this year be rounded, and what is in the files? Rounding and hiding protect against different readers, and nothing
is promised to one who has both: a hidden quarter lies between the rounded year and the printed quarters, often within two people. No
combination of the two is known to be sound, so a year of which any release is approved, or waits to be, is refused, and once a table is
written no quarter of its year is released; nor is a second table of the same people rounded. Stocks are left out: they are in two years at
once. So is a flow with fewer people than any table is split for.

It keeps that a table was written, not its numbers: they are read, summed over the year's quarters and rounded again when it is asked for
again. A table that nobody was given may be discarded at the terminal, with a reason.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from caseapp.access import Actor, Permission, action, allow, log_detail, now, session, today
from caseapp.accounts import office
from caseapp.disclosure import Cell, Policy, cell
from caseapp.disclosure.rounding import Rounded, round_table
from caseapp.disclosure.tables import TOTAL
from caseapp.formats import Quarter
from caseapp.statistics.counting import count
from caseapp.statistics.ledger import hold_ledger, releases, rounded_tables
from caseapp.statistics.models import DISCARDED, PREPARED, STANDING, WRITTEN, RoundedTable
from caseapp.statistics.plan import table_plan
from caseapp.statistics.reading import read_quarter
from caseapp.statistics.recording import approved_tables
from caseapp.statistics.releases import digest
from caseapp.statistics.steps import Progress, nobody_waits

STOCK = "stock"


class CannotRound(Exception):
    """This table of this year cannot be rounded; the reason, in a sentence."""


@dataclass(frozen=True)
class RoundedYear:
    """A table of a year: each flow that could be told, rounded by itself."""

    municipality: str
    year: int
    table: str
    base: int
    dimensions: tuple[str, ...]
    flows: Mapping[str, Rounded]
    left_out: tuple[str, ...]


@action
def round_year(actor: Actor, year: int, table: str, base: int | None = None, tell: Progress = nobody_waits) -> RoundedYear:
    """The table's flows of a whole year, rounded to the base or, without one, to the municipality's own. Raises CannotRound."""
    allow(actor, Permission.ROUND_STATISTICS)
    hold_ledger()
    base = base or int(office().settings.get("rounding_base", 5))
    log_detail(year=year, table=table, base=base)
    plan, quarters = table_plan(), [Quarter(year, number) for number in (1, 2, 3, 4)]
    member = next(((one, unit, by) for one in plan.tables for id, unit, by in one.members() if id == table), None)
    if member is None:
        raise CannotRound(f"There is no table {table} in the plan {plan.version}.")
    if quarters[-1].end >= today():
        raise CannotRound(f"The year {year} has not ended yet.")
    for row in releases():
        if Quarter.parse(row.quarter) in quarters and row.state in (PREPARED, *STANDING):
            raise CannotRound(
                f"{row.about['label']} is {row.state}: whoever has exact numbers of a year and rounded ones can find out what was hidden, "
                f"so {year} is not rounded."
            )
    if any(approved_tables(str(quarter)) for quarter in quarters):
        raise CannotRound(f"Exact numbers of {year} left the house in a table beside the releases, so {year} is not rounded.")
    planned, unit, by = member
    counted: dict[str, Counter[Cell]] = {flow: Counter() for flow in planned.flows if flow != STOCK}
    for quarter in quarters:
        reading = read_quarter(quarter, {}, tell)
        for codes, number in count(reading.records, reading.events, str(quarter), plan).counts.get(unit, {}).items():
            here = dict(codes)
            if number and here["flow"] in counted:
                counted[here["flow"]][cell((d, here[d]) for d in by)] += number
    least = Policy().total_below
    told = {flow: inner for flow, inner in counted.items() if sum(inner.values()) >= least}
    left_out = tuple(flow for flow in planned.flows if flow not in told)
    if not told:
        raise CannotRound(f"Fewer than {least} are counted in {table} of {year}; such a table tells of somebody even when it is rounded.")
    rounded = {flow: round_table(inner, by, base) for flow, inner in told.items()}
    made = RoundedYear(office().municipality, year, table, base, by, rounded, left_out)
    _remember(made)
    return made


def _remember(made: RoundedYear) -> None:
    """Keeps that it was written. Only the very same numbers may be written once more."""
    sha256 = digest(_csv(made))
    before = next(iter(_rounded_of(made.year)), None)
    if before is None:
        row = RoundedTable(year=made.year, table_id=made.table, base=made.base, state=WRITTEN, sha256=sha256, written_at=now(), reason="")
        session().add(row)
    elif before.sha256 != sha256:
        raise CannotRound(
            f"{before.table_id} of {made.year} was written in multiples of {before.base} on {before.written_at:%Y-%m-%d}, with other "
            "numbers or of another kind; whoever has both can find out more than either tells. What nobody was given can be discarded: "
            "flask --app wsgi statistics discard-rounded"
        )


def _rounded_of(year: int) -> list[RoundedTable]:
    return [row for row in rounded_tables() if row.year == year]


@action
def discard_rounded(actor: Actor, year: int, *, reason: str) -> int:
    """That nobody was given, or ever will be, the rounded tables of a year; how many. From then on its quarters may be released."""
    allow(actor, Permission.ROUND_STATISTICS)
    hold_ledger()
    rows = _rounded_of(year)
    for row in rows:
        row.state, row.discarded_at, row.reason = DISCARDED, now(), reason
    log_detail(year=year, discarded=len(rows))
    return len(rows)


def files_of(made: RoundedYear) -> dict[str, bytes]:
    """{file name: bytes}: the table, and what must be read with it."""
    name = f"{made.table}-{made.year}-avrundad"
    return {f"{name}.csv": _csv(made), "LÄSMIG.txt": _readme(made, f"{name}.csv").encode()}


def _csv(made: RoundedYear) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["year", "flow", *made.dimensions, "rounded_count", "base", "further"])
    for flow, rounded in made.flows.items():
        for codes, number in rounded.counts.items():
            here = dict(codes)
            further = "yes" if codes in rounded.beyond else ""
            writer.writerow([made.year, flow, *(here.get(d, TOTAL) for d in made.dimensions), number, rounded.base, further])
    return text.getvalue().encode()


def _readme(made: RoundedYear, name: str) -> str:
    base = made.base
    further = sum(len(rounded.beyond) for rounded in made.flows.values())
    return f"""AVRUNDADE TAL: {made.municipality}, tabell {made.table}, {made.year}

Alla antal i {name} är avrundade till en multipel av {base}, också summorna. De är avrundade tillsammans, så att raderna och
kolumnerna går att lägga ihop. Varje tal är en av de två multiplerna närmast det sanna antalet; ett sant antal som är en multipel
är kvar som det var.{_further(further)} 0 kan betyda att ingen finns, eller upp till {base - 1}.

Den som bara har den här tabellen kan inte skilja färre än {base} möjliga antal åt i någon ruta.

FÅR ALDRIG PUBLICERAS TILLSAMMANS MED ANDRA TAL OM SAMMA ÅR
  De vanliga utgåvorna har exakta tal och X. Den som har både dem och avrundade tal kan räkna ut det som är dolt. Samma sak gäller
  en annan avrundad tabell om samma personer, och samma tabell avrundad igen efter en rättelse. Programmet ger därför inte ut
  något kvartal av {made.year}, så länge den här tabellen finns.

Vad som saknas: {_words(made.left_out)}
"""


def _further(number: int) -> str:
    return f" {number} tal som är märkta further har måst gå till nästa multipel." if number else ""


def _words(flows: Iterable[str]) -> str:
    return ", ".join(table_plan().label("flow", flow) for flow in flows) or "inget"
