"""The same numbers for people: a workbook with Swedish labels.

This module answers: how does a release look on a sheet? One cover sheet, one sheet per table of the plan with a legend, one for shares
and medians. It promises that the workbook holds no formula, no hidden sheet and no property beyond its title, that text is always
written as text, and that the same tables give the same bytes. It invents no number: it prints what a `SafeTable` holds.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

import xlsxwriter

from caseapp.disclosure.protect import SafeTable
from caseapp.disclosure.tables import HIDDEN, Policy
from caseapp.statistics.derived import LEAST_BASE, LEAST_PEOPLE, Figure, figures
from caseapp.statistics.layout import UNIT, Block, blocks
from caseapp.statistics.plan import PlannedTable, TablePlan

if TYPE_CHECKING:
    from caseapp.statistics.bundle import Imprint

LEGEND = (
    (HIDDEN, "Uppgiften är skyddad: antalet är litet, eller så skulle ett litet antal gå att räkna ut ur det."),
    ("0", "Inget att redovisa."),
)


def workbook(tables: Sequence[SafeTable], imprint: Imprint, policy: Policy, plan: TablePlan) -> bytes:
    """The workbook's bytes."""
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    # A property that names the day would make the bytes differ; the quarter stands on the cover.
    book.set_properties({"title": f"SIG och SSPF {imprint.quarter}", "created": datetime(2000, 1, 1)})  # noqa: DTZ001 - no zone in the format
    style = {
        "title": book.add_format({"bold": True, "font_size": 14}),
        "head": book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"}),
        "number": book.add_format({"num_format": "0", "align": "right"}),
        "mark": book.add_format({"align": "right", "font_color": "#5a5a5a"}),
        "text": book.add_format({"text_wrap": True, "valign": "top"}),
    }
    _cover(book, style, imprint, policy, plan)
    by_id = {table.id: table for table in tables}
    for planned in plan.tables:
        members = [by_id[table_id] for table_id, _, _ in planned.members() if table_id in by_id]
        if members:
            _sheet(book, style, planned, members, plan)
    _figures(book, style, figures(tables, imprint.quarter, plan))
    book.close()
    return target.getvalue()


def _cover(book: Any, style: dict[str, Any], imprint: Imprint, policy: Policy, plan: TablePlan) -> None:
    sheet = book.add_worksheet("Om tabellerna")
    sheet.set_column(0, 0, 8)
    sheet.set_column(1, 1, 90)
    sheet.write_string(0, 0, f"SIG och SSPF i {imprint.municipality_name}, {imprint.quarter}", style["title"])
    lines = [
        ("", f"Utgåva {imprint.label}. Tabellplan {plan.version}, kodlistor {imprint.code_lists}."),
        ("", f"Antal på 1–{policy.threshold - 1} skrivs aldrig ut. Totaler är sanna eller {HIDDEN}, aldrig hopräknade i efterhand."),
        ("", f"Färre än {policy.merge_below} personer: grövre indelning. Färre än {policy.total_below}: bara totalen."),
        ("", "Unga med skyddade personuppgifter ingår bara i totaler."),
        *LEGEND,
        *((table.id, table.titles["sv"]) for table in plan.tables),
    ]
    for number, (mark, words) in enumerate(lines, start=2):
        sheet.write_string(number, 0, mark, style["text"])
        sheet.write_string(number, 1, words, style["text"])


def _sheet(book: Any, style: dict[str, Any], planned: PlannedTable, members: Sequence[SafeTable], plan: TablePlan) -> None:
    sheet = book.add_worksheet(planned.id)
    sheet.set_column(0, 0, 44)
    sheet.set_column(1, 14, 14)
    sheet.write_string(0, 0, f"{planned.id} {planned.titles['sv']}", style["title"])
    sheet.write_string(1, 0, UNIT[planned.unit]["sv"])
    row = 3
    for table in members:
        for block in blocks(table, planned, plan):
            row = _write_block(sheet, style, row, block) + 2
    for mark, words in LEGEND:
        sheet.write_string(row, 0, f"{mark}  {words}")
        row += 1


def _figures(book: Any, style: dict[str, Any], derived: Sequence[Figure]) -> None:
    """Shares and medians, written as words: a number on a sheet is a count."""
    if not derived:
        return
    sheet = book.add_worksheet("Andelar och medianer")
    sheet.set_column(0, 0, 44)
    sheet.set_column(1, 2, 26)
    sheet.write_string(0, 0, "Andelar och medianer", style["title"])
    words = f"Ur de utgivna talen. En andel ges när basen är minst {LEAST_BASE}, en median när minst {LEAST_PEOPLE} finns i tabellen."
    sheet.write_string(1, 0, words)
    for at, head in enumerate(("Mått", "Värde", "Tabell")):
        sheet.write_string(3, at, head, style["head"])
    for row, one in enumerate(derived, start=4):
        for at, said in enumerate((one.words, one.text or "–", one.table)):
            sheet.write_string(row, at, said, style["text"])


def _write_block(sheet: Any, style: dict[str, Any], row: int, block: Block) -> int:
    """Writes a block from this row on; the last row it used."""
    sheet.write_string(row, 0, _heading(block), style["head"])
    for at, words in enumerate(block.columns, start=1):
        sheet.write_string(row, at, words, style["head"])
    for label, cells in block.rows:
        row += 1
        sheet.write_string(row, 0, label, style["text"])
        for at, codes in enumerate(cells, start=1):
            number = block.table.counts[codes]
            if number is None:
                sheet.write_string(row, at, HIDDEN, style["mark"])
            else:
                sheet.write_number(row, at, number, style["number"])
    return row


def _heading(block: Block) -> str:
    if not block.question:
        return block.flow
    return f"{block.question} ({block.flow[0].lower()}{block.flow[1:]})"
