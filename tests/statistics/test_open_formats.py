"""Other people's programs read a bundle: frictionless its data package, LibreOffice its workbook.

What they find is compared with the tidy CSV files and with the labels of datapackage.json; nothing of ours reads anything here.
"""

from __future__ import annotations

import csv
import json
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from lxml import etree

from caseapp.statistics.bundle import write_folder
from tests.libreoffice import EVERY_SHEET, convert
from tests.statistics.towns import town

Sheets = dict[str, list[list[str]]]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle as somebody would unpack it."""
    label, files = town(3)[0]
    place = tmp_path_factory.mktemp("bundle") / label
    write_folder(files, place)
    return place


@pytest.fixture(scope="module")
def sheets(folder: Path, libreoffice: str, tmp_path_factory: pytest.TempPathFactory) -> Sheets:
    """Sheet → rows, as LibreOffice shows them."""
    made = convert(folder / "tabeller.xlsx", EVERY_SHEET, tmp_path_factory.mktemp("shown") / "csv")
    return {path.stem.partition("-")[2]: list(csv.reader(path.read_text("utf-8").splitlines())) for path in made}


# -- the data package -------------------------------------------------------------------------------------------------


def frictionless(place: Path) -> dict:
    """What the program says of the package and every row of its tables."""
    done = subprocess.run(
        [sys.executable, "-m", "frictionless", "validate", "datapackage.json", "--json"], cwd=place, capture_output=True, text=True
    )
    report: dict = json.loads(done.stdout)
    assert (done.returncode == 0) is report["valid"]
    return report


def test_frictionless_finds_the_data_package_valid_row_by_row(folder: Path) -> None:
    report = frictionless(folder)
    assert report["valid"], report
    assert {task["place"] for task in report["tasks"]} == {f"tables/{path.name}" for path in (folder / "tables").iterdir()}
    rows = sum(len(path.read_text("utf-8").splitlines()) - 1 for path in (folder / "tables").iterdir())
    assert report["stats"]["errors"] == report["stats"]["warnings"] == 0
    assert sum(task["stats"]["rows"] for task in report["tasks"]) == rows > 200


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ((b",f,", b",female,"), "constraint-error"),
        ((b",X\n", b",hidden\n"), "type-error"),
        ((b"2025Q3,stock,Total,Total", b"2025Q3,stock,f,Total"), "primary-key"),
    ],
)
def test_frictionless_finds_what_a_table_may_not_hold(tmp_path: Path, change: tuple[bytes, bytes], found: str) -> None:
    """So that a valid report says something: the same with one row of A2 spoilt."""
    label, files = town(3)[0]
    assert change[0] in files["tables/A2.csv"]
    write_folder(files | {"tables/A2.csv": files["tables/A2.csv"].replace(*change, 1)}, tmp_path / label)
    report = frictionless(tmp_path / label)
    assert found in {error["type"] for task in report["tasks"] for error in task["errors"]}


# -- the workbook -----------------------------------------------------------------------------------------------------


def test_libreoffice_shows_the_numbers_of_the_tidy_tables_under_the_same_words(folder: Path, sheets: Sheets) -> None:
    """Each cell of each table is found on its sheet by the labels that datapackage.json gives its codes, and holds the same."""
    package, looked_at = json.loads((folder / "datapackage.json").read_bytes()), 0
    for resource in package["resources"]:
        label = {field["name"]: _labels(field["description"]) for field in resource["schema"]["fields"][:-2]}
        title, _colon, question = resource["title"].partition(": ")
        shown = _blocks(sheets[title.split()[0]])
        for row in csv.DictReader((folder / resource["path"]).read_text("utf-8").splitlines()):
            splits = [name for name in label if name not in ("quarter", "flow")]
            flow = label["flow"][row["flow"]]
            heading = f"{question} ({flow[0].lower()}{flow[1:]})" if question else flow
            across = label[splits[-2]][row[splits[-2]]] if len(splits) > 1 else ""
            block = shown[heading]
            columns = block[label[splits[-1]][row[splits[-1]]]]
            assert columns[across if across in columns else next(iter(columns))] == row["count"], (resource["name"], row)
            looked_at += 1
    assert looked_at == sum(len(path.read_text("utf-8").splitlines()) - 1 for path in (folder / "tables").iterdir())


def _labels(description: str) -> dict[str, str]:
    return dict(one.split(" = ", 1) for one in description.split("; "))


def _blocks(rows: list[list[str]]) -> dict[str, dict[str, dict[str, str]]]:
    """Heading → row label → column label → what stands there. A block ends at an empty row."""
    found: dict[str, dict[str, dict[str, str]]] = {}
    columns: list[str] | None = None
    for row in rows[3:]:
        if not any(row):
            columns = None
        elif columns is None:
            heading, columns = row[0], [word for word in row[1:] if word]
            block = found[heading] = {}
        else:
            assert row[0] not in block, "a label twice in a block"
            block[row[0]] = dict(zip(columns, row[1:], strict=False))
    return found


def test_every_sheet_is_shown_and_no_text_begins_as_a_formula(folder: Path, sheets: Sheets) -> None:
    with zipfile.ZipFile(folder / "tabeller.xlsx") as book:
        names = [one.get("name") for one in etree.fromstring(book.read("xl/workbook.xml")).iter("{*}sheet")]
        content = b"".join(book.read(name) for name in book.namelist() if name.startswith("xl/worksheets/"))
    assert set(sheets) == set(names), "LibreOffice writes a file for each sheet, hidden ones too"
    texts = [text for rows in sheets.values() for row in rows for text in row if text]
    assert len(texts) > 500
    assert not [text for text in texts if re.match(r"[=+\-@\t\r]", text)]
    assert not re.search(rb"<f[ />]|state=|hidden=|<hyperlink|<extLst|<dataValidation", content)


def test_the_workbook_tells_neither_who_made_it_nor_where_nor_when(folder: Path) -> None:
    with zipfile.ZipFile(folder / "tabeller.xlsx") as book:
        names = book.namelist()
        told = {
            (etree.QName(one).localname, one.text)
            for name in names
            if name.startswith("docProps/")
            for one in etree.fromstring(book.read(name)).iter("{*}*")
            if one.text and one.text.strip()
        }
        assert {entry.date_time for entry in book.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert not [name for name in names if re.search("comment|custom|external|vba|printer|thumbnail|drawing", name)]
    quiet = {"lpstr", "i4", "DocSecurity", "ScaleCrop", "LinksUpToDate", "SharedDoc", "HyperlinksChanged", "AppVersion"}
    assert {one for one in told if one[0] not in quiet} == {
        ("Application", "Microsoft Excel"),  # what the library calls itself everywhere; it names no program of ours
        ("title", f"SIG och SSPF {folder.name.split('-')[1]}"),
        ("created", "2000-01-01T00:00:00Z"),
        ("modified", "2000-01-01T00:00:00Z"),
    }
