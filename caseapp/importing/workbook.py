"""What is in an XLSX file? Read with openpyxl, after the archive itself was looked at; the only place that imports it.

Promised: an archive that would become too large, has too many parts, is locked with a password, or declares entities of its own is
refused before anything in it is unpacked into memory; no link to another file is followed; a formula is read as the result that was
saved with it, never calculated; hidden sheets are named and not read. A number is kept as one, a day as 2026-03-03.

Source: ECMA-376 part 1 (parts of a workbook); the limits are this project's own.
"""

import io
import re
import warnings
import zipfile
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from zlib import error as ZlibError

from .rules import MOST_COLUMNS, MOST_LINES, MOST_PARTS, MOST_SHEETS, MOST_SWELLING, MOST_UNPACKED
from .sheets import ERROR_VALUE, UNSAVED_FORMULA, Book, Cell, FileProblem, Sheet, tidy, usable

#: What the library raises for a workbook that is none: it has no exception of its own for that.
_BROKEN = (
    KeyError, ValueError, TypeError, AttributeError, IndexError, SyntaxError, OverflowError, OSError, zipfile.BadZipFile, ZlibError,
)  # fmt: skip
_ENTITIES = re.compile(rb"<!\s*(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_MERGED = re.compile(rb'<(?:\w+:)?mergeCell\s+ref="\$?[A-Z]{1,3}\$?(\d{1,7})(?::\$?[A-Z]{1,3}\$?(\d{1,7}))?"')


def read_workbook(content: bytes) -> Book:
    """The sheets of an XLSX file. Raises FileProblem."""
    merged = _look_through(content)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of styles and extensions that openpyxl leaves out: only the cells are wanted
            return _read(content, merged)
    except FileProblem:
        raise
    except _BROKEN:
        raise FileProblem("damaged") from None


# -- the archive ------------------------------------------------------------------------------------------------------


def _look_through(content: bytes) -> dict[str, tuple[int, ...]]:
    """Name of each sheet's part → the rows in which cells are merged. Raises FileProblem."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
            _check_sizes(parts, len(content))
            names = {part.filename for part in parts}
            _check_kind(names)
            return _look_at_parts(archive)
    except (zipfile.BadZipFile, ZlibError, OSError, NotImplementedError, EOFError, ValueError):
        raise FileProblem("damaged") from None


def _check_sizes(parts: Sequence[zipfile.ZipInfo], packed: int) -> None:
    if any(part.flag_bits & 1 for part in parts):
        raise FileProblem("has_password")
    unpacked = sum(part.file_size for part in parts)
    if len(parts) > MOST_PARTS or unpacked > MOST_UNPACKED or unpacked > packed * MOST_SWELLING:
        raise FileProblem("too_much_inside")


def _check_kind(names: set[str]) -> None:
    if "xl/workbook.xml" in names:
        return
    if "xl/workbook.bin" in names:
        raise FileProblem("old_excel")
    raise FileProblem("other_kind")


def _look_at_parts(archive: zipfile.ZipFile) -> dict[str, tuple[int, ...]]:
    merged: dict[str, tuple[int, ...]] = {}
    for part in archive.infolist():
        if not part.filename.endswith((".xml", ".rels")):
            continue
        written = archive.read(part)  # no more than its declared size: the archive's own check of the sum refuses the rest
        if _ENTITIES.search(written) or b"\0" in written[:200]:  # an entity could name a file; UTF-16 would hide it from this look
            raise FileProblem("too_much_inside")
        if part.filename.startswith("xl/worksheets/"):
            rows = {row for first, last in _MERGED.findall(written) for row in _between(int(first), int(last or first))}
            merged[part.filename] = tuple(sorted(rows))
    return merged


def _between(first: int, last: int) -> range:
    return range(first, min(last, first + 10 * MOST_LINES) + 1)


# -- the cells --------------------------------------------------------------------------------------------------------


def _read(content: bytes, merged: dict[str, tuple[int, ...]]) -> Book:
    from openpyxl import load_workbook

    values = load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
    formulas = load_workbook(io.BytesIO(content), read_only=True, data_only=False, keep_links=False)
    sheets = list(values.worksheets)
    if len(sheets) > MOST_SHEETS:
        raise FileProblem("too_many_sheets", most=MOST_SHEETS)
    shown = [sheet for sheet in sheets if sheet.sheet_state == "visible"]
    if not shown:
        raise FileProblem("empty")
    read = tuple(_sheet(one, formulas[one.title], merged) for one in shown)
    from_1904 = values.epoch.year == 1904
    return usable(Book(read, tuple(one.title for one in sheets if one not in shown), from_1904))


def _sheet(values: Any, formulas: Any, merged: dict[str, tuple[int, ...]]) -> Sheet:
    rows = merged.get(str(getattr(values, "_worksheet_path", "")).lstrip("/"), ())
    return tidy(values.title, _rows(values, formulas), merged=rows)


def _rows(values: Any, formulas: Any) -> Iterator[list[Cell]]:
    for sheet in (values, formulas):
        sheet.reset_dimensions()  # what the file says of its own size may be wrong
    # one column and one row more than is taken, so that too many of them are noticed
    bounds = {"max_row": 10 * MOST_LINES + 2, "max_col": MOST_COLUMNS + 1}
    for row, written in zip(values.iter_rows(**bounds), formulas.iter_rows(**bounds), strict=True):
        yield [_cell(cell, source) for cell, source in zip(row, written, strict=True)]


def _cell(cell: Any, source: Any) -> Cell:
    value = cell.value
    if value is None:
        return UNSAVED_FORMULA if getattr(source, "data_type", "") == "f" else ""
    if getattr(cell, "data_type", "") == "e":
        return ERROR_VALUE
    return _plain(value)


def _plain(value: Any) -> Cell:
    if isinstance(value, bool):
        return "Ja" if value else "Nej"
    if isinstance(value, float):
        return int(value) if value.is_integer() and abs(value) < 10**15 else value
    if isinstance(value, int):
        return value
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ", "minutes")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, time):
        return value.isoformat("minutes")
    if isinstance(value, timedelta):
        return str(value)
    return str(value)
