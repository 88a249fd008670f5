"""How is a printed table laid out for reading: on a sheet, on a page?

A block is one flow of one table, two-dimensional: the last dimension runs down, the one before it across. A family of tables (one per
need domain, one per actor) gives a block for each, headed by the question. It promises that a block names every cell of its flow
exactly once, totals first, in the order of the plan; the numbers are looked up by whoever writes them. It invents none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from caseapp.disclosure.tables import TOTAL, Cell, Printed, cell
from caseapp.statistics.plan import PlannedTable, TablePlan, entries

ONE_COLUMN = {"sv": "Antal", "en": "Number"}
UNIT = {
    "persons": {"sv": "Antal personer", "en": "Number of persons"},
    "interventions": {"sv": "Antal insatser", "en": "Number of interventions"},
    "meetings": {"sv": "Antal möten", "en": "Number of meetings"},
    "commitments": {"sv": "Antal åtaganden", "en": "Number of commitments"},
    "goals": {"sv": "Antal mål", "en": "Number of goals"},
}


@dataclass(frozen=True)
class Block:
    """One flow of one table. `question` is the member of a family, or empty; each row has its words and the cells under the columns."""

    table: Printed
    flow: str
    question: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[Cell, ...]], ...]

    @property
    def is_total_only(self) -> bool:
        """Whether so few people are behind it that only one number is given."""
        return len(self.rows) == 1 == len(self.columns)


def blocks(table: Printed, planned: PlannedTable, plan: TablePlan, language: str = "sv") -> tuple[Block, ...]:
    """The blocks of a table, one for each flow of the plan."""
    return tuple(_block(table, flow, planned, plan, language) for flow in planned.flows)


def _block(table: Printed, flow: str, planned: PlannedTable, plan: TablePlan, language: str) -> Block:
    splits = [d for d in table.dimensions if d not in ("quarter", "flow")]
    down, across = splits[-1], splits[-2] if len(splits) > 1 else None
    here = [dict(codes) for codes in table.counts if dict(codes)["flow"] == flow]
    setting = {"quarter": here[0]["quarter"], "flow": flow}
    columns = _codes(here, across) if across else (TOTAL,)
    rows = tuple(
        (
            plan.label(down, code, language),
            tuple(cell(setting | {down: code} | ({across: other} if across else {})) for other in columns),
        )
        for code in _codes(here, down)
    )
    heads = tuple(plan.label(across, code, language) for code in columns) if across and len(columns) > 1 else (ONE_COLUMN[language],)
    return Block(table, plan.label("flow", flow, language), question(planned, table.id, language), heads, rows)


def question(planned: PlannedTable, table_id: str, language: str = "sv") -> str:
    """Which member of a family a table is, in words; empty for a table of its own."""
    return entries(planned.over)[table_id.partition("-")[2]].label(language) if planned.over else ""


def words_of(codes: Cell, plan: TablePlan, quarter: str, language: str = "sv") -> str:
    """A cell in words: its flow and its codes, and the quarter where it is another than this one."""
    here = dict(codes)
    flow, when = here.pop("flow"), here.pop("quarter")
    said = [*([when] if when != quarter else []), plan.label("flow", flow, language)]
    for dimension, code in here.items():
        family, _, entry = dimension.partition(".")
        table = next((table for table in plan.tables if table.family == family), None)
        asked = "" if table is None else entries(table.over)[entry].label(language) if table.over else table.titles[language]
        said.append((f"{asked}: " if asked else "") + plan.label(dimension, code, language))
    return " · ".join(said)


def _codes(cells: Sequence[dict[str, str]], dimension: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(codes.get(dimension, TOTAL) for codes in cells))
