"""What is in the file that was sent? Rows of texts and numbers, by sheet; or a FileProblem that says why it cannot be used.

The kind is told by the content, never by the name. Everything happens in memory. Texts stay texts, so that a personnummer keeps its
zeros; a number stays a number, because only then can a lost zero or an Excel day be told from what somebody typed. A CSV file is one
sheet; its encoding and separator are found. XLSX is `workbook`'s. Promised: no more than the limits of `rules` is ever held.
"""

import csv
import io
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass

from .rules import MOST_BYTES, MOST_COLUMNS, MOST_LETTERS, MOST_LINES

Cell = str | int | float
#: Stand in a cell for what cannot be read: a formula whose result was not saved, an error of the spreadsheet, a text that is too long.
UNSAVED_FORMULA, ERROR_VALUE, TOO_LONG = "\x1aformula", "\x1aerror", "\x1along"
#: Rows above the list that may hold a title or notes.
HEAD_ROOM = 20

_OLE = bytes.fromhex("d0cf11e0a1b11ae1")
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_KNOWN_KINDS = ((b"%PDF", "pdf"), (b"\x89PNG", "picture"), (b"\xff\xd8\xff", "picture"), (b"GIF8", "picture"), (b"{\\rtf", "word"))
_SEPARATORS = (";", "\t", ",")


class FileProblem(Exception):
    """The file cannot be used. `code` tells why, `told` what the sentence needs (a number, a sheet's name)."""

    def __init__(self, code: str, **told: object) -> None:
        super().__init__(code)
        self.code, self.told = code, told


@dataclass(frozen=True)
class Sheet:
    """One sheet: its rows from the first of the file on, short rows left short. `problem`: why it cannot be read, "" if it can.

    `merged`: row numbers (from 1) in which cells are merged.
    """

    name: str
    rows: tuple[tuple[Cell, ...], ...]
    problem: str = ""
    merged: tuple[int, ...] = ()


@dataclass(frozen=True)
class Book:
    """The sheets that can be chosen, the names of hidden ones that are not read, and whether days are counted from 1904."""

    sheets: tuple[Sheet, ...]
    hidden: tuple[str, ...] = ()
    from_1904: bool = False

    def written(self) -> bytes:
        """As JSON, for being sealed."""
        return json.dumps(asdict(self), ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def read_back(written: bytes) -> Book:
    """The book that was written."""
    told = json.loads(written)
    sheets = (Sheet(one["name"], tuple(map(tuple, one["rows"])), one["problem"], tuple(one["merged"])) for one in told["sheets"])
    return Book(tuple(sheets), tuple(told["hidden"]), told["from_1904"])


def read_file(content: bytes) -> Book:
    """The sheets of a CSV or XLSX file. Raises FileProblem."""
    if len(content) > MOST_BYTES:
        raise FileProblem("too_big", megabytes=MOST_BYTES // 1024 // 1024)
    if not content.strip(b"\0 \t\r\n\xef\xbb\xbf\xff\xfe"):
        raise FileProblem("empty")
    if content.startswith(_OLE):
        raise FileProblem("has_password" if _ENCRYPTED in content else "old_excel")
    if content.startswith(b"PK"):
        from .workbook import read_workbook  # here alone, since its library is large and used by nobody else

        return read_workbook(content)
    kind = next((kind for begins, kind in _KNOWN_KINDS if content.startswith(begins)), "")
    if kind:
        raise FileProblem("other_kind")
    return usable(Book((_read_csv(content),)))


def usable(book: Book) -> Book:
    """The book, if a sheet of it can be read. Raises FileProblem with what is wrong with its sheets otherwise."""
    problems = [sheet.problem for sheet in book.sheets]
    if all(problems):
        raise FileProblem(next((problem for problem in problems if problem != "empty_sheet"), "empty"))
    return book


def tidy(name: str, rows: Iterable[Sequence[Cell]], *, merged: tuple[int, ...] = ()) -> Sheet:
    """A sheet of these rows, as far as the limits go; a sheet beyond them has a problem and no rows."""
    kept: list[tuple[Cell, ...]] = []
    filled = 0
    for row in rows:
        cells = tuple(_tidy_cell(cell) for cell in row)
        while cells and cells[-1] == "":
            cells = cells[:-1]
        if len(cells) > MOST_COLUMNS:
            return Sheet(name, (), "too_many_columns")
        filled += bool(cells)
        if filled > MOST_LINES + HEAD_ROOM or len(kept) > 10 * MOST_LINES:
            return Sheet(name, (), "too_many_lines")
        kept.append(cells)
    while kept and not kept[-1]:
        kept.pop()
    return Sheet(name, tuple(kept), "" if kept else "empty_sheet", merged)


def _tidy_cell(cell: Cell) -> Cell:
    if not isinstance(cell, str):
        return cell
    text = cell.strip().replace("\xa0", " ")
    return TOO_LONG if len(text) > MOST_LETTERS else text


# -- CSV --------------------------------------------------------------------------------------------------------------


def _read_csv(content: bytes) -> Sheet:
    text = decoded(content)
    named = re.match(r"sep=(.)\r?\n", text)  # Excel's own way to say it
    if named:
        text = text[named.end() :]
    separator = named[1] if named and named[1] in _SEPARATORS else find_separator(text)
    csv.field_size_limit(MOST_BYTES)
    try:
        return tidy("", csv.reader(io.StringIO(text, newline=""), delimiter=separator))
    except csv.Error:
        raise FileProblem("not_a_table") from None


def decoded(content: bytes) -> str:
    """The text of a CSV file: UTF-8 or UTF-16 where its first bytes say so or it is so, otherwise Windows' own (cp1252)."""
    for mark, encoding in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if content.startswith(mark):
            return _as(content, encoding)
    if b"\0" in content[:1000]:  # every other byte of western text is nothing in UTF-16
        beginning = content[:1000]
        return _as(content, "utf-16-le" if beginning[1::2].count(0) > beginning[::2].count(0) else "utf-16-be")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return _as(content, "cp1252")


def _as(content: bytes, encoding: str) -> str:
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        raise FileProblem("not_a_table") from None
    if "\0" in text or sum(letter < " " and letter not in "\t\r\n" for letter in text[:2000]) > len(text[:2000]) / 50:
        raise FileProblem("other_kind")
    return text


def find_separator(text: str) -> str:
    """The separator that parts the first rows most evenly, quoted text left out of account."""
    lines = [re.sub(r'"[^"]*"', "", line) for line in text.splitlines()[:HEAD_ROOM] if line.strip()]

    def fits(separator: str) -> tuple[int, int]:
        counts = sorted(line.count(separator) for line in lines)
        return (counts[len(counts) // 2], counts[-1]) if counts else (0, 0)

    return max(_SEPARATORS, key=fits)
