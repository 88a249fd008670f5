"""The files of a release: the same bytes every time, readable by others, nothing in them that was not protected."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest

from caseapp.disclosure import Policy, Printed, Release, cell
from caseapp.disclosure.protect import Protected
from caseapp.statistics.bundle import Imprint, archive, bundle, read_release, unpack, write_folder
from caseapp.statistics.plan import table_plan
from tests.statistics.drawn_by_lot import releases

#: The tables that the grant follow-up asks for, A1–A14 (domain notes, section 5); b is a second table of the same question.
EVERY_TABLE = (
    "A1", "A2", "A3", "A3b", "A4", "A5", "A5b", "A6", "A6b", "A7", "A8",
    "A9", "A10", "A11", "A11b", "A12", "A12b", "A13", "A13b", "A14", "A14b",
)  # fmt: skip
IMPRINT = Imprint("1283", "=HYPERLINK(1)", "2025Q3", 1, "test", "test")


@pytest.fixture(scope="module")
def protected() -> Protected:
    return next(iter(releases(31, 60, 1)))[0]


@pytest.fixture(scope="module")
def files(protected: Protected) -> dict[str, bytes]:
    return bundle(protected, IMPRINT, Policy(), table_plan())


def test_release_json_says_how_near_to_the_least_the_search_came() -> None:
    policy = Policy(search_seconds=2.0)
    protected = next(iter(releases(31, 60, 1, policy)))[0]
    told = json.loads(bundle(protected, IMPRINT, policy, table_plan())["release.json"])["hiding"]["populations"]
    assert set(told) == {"persons", "interventions", "meetings", "commitments", "goals"}
    for population, proof in protected.report.proofs.items():
        assert told[population] == {"gap": round((proof.cost - proof.bound) / max(1, proof.cost), 4), "optimal": proof.cost == proof.bound}
    assert told["goals"] == {"gap": 0.0, "optimal": True}


def test_another_process_makes_the_same_bytes(files: dict[str, bytes]) -> None:
    program = (
        "from tests.statistics.test_bundle import *; import hashlib;"
        "made = bundle(next(iter(releases(31, 60, 1)))[0], IMPRINT, Policy(), table_plan());"
        "print(hashlib.sha256(archive(IMPRINT.label, made)).hexdigest())"
    )
    again = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2]
    ).stdout.strip()
    assert again == hashlib.sha256(archive(IMPRINT.label, files)).hexdigest()


def test_release_json_names_every_other_file_with_its_hash(files: dict[str, bytes]) -> None:
    about = json.loads(files["release.json"])
    assert set(about["sha256"]) == set(files) - {"release.json"}
    assert all(hashlib.sha256(files[path]).hexdigest() == digest for path, digest in about["sha256"].items())
    assert about["parameters"] == {"threshold": 5, "width": 3, "merge_below": 30, "total_below": 10}
    assert about["hiding"] == {"cost": "count", "weights": {}, "populations": {}}, "nobody looked for the optimum"
    assert (about["prepared_by"], about["approved_by"]) == ("statistician", "unit_manager")


def test_a_bundle_read_back_is_the_release_that_was_written(protected: Protected, files: dict[str, bytes]) -> None:
    read = read_release(unpack(archive(IMPRINT.label, files)))
    assert read == Release(
        IMPRINT.label, tuple(Printed(t.id, t.unit, t.dimensions, t.counts) for t in protected.tables), protected.spec
    )


def test_an_altered_count_is_found_when_the_bundle_is_read(files: dict[str, bytes]) -> None:
    path = "tables/A1.csv"
    with pytest.raises(ValueError, match="changed after the release"):
        read_release(files | {path: files[path].replace(b",X\n", b",4\n", 1)})


def test_the_workbook_opens_and_shows_the_numbers_of_the_tables(protected: Protected, files: dict[str, bytes]) -> None:
    book = openpyxl.load_workbook(io.BytesIO(files["tabeller.xlsx"]))
    assert book.sheetnames == ["Om tabellerna", *EVERY_TABLE, "Andelar och medianer"]
    shown = [c.value for sheet in book.worksheets[1:] for row in sheet.iter_rows(min_col=2) for c in row]
    numbers = sorted(value for value in shown if isinstance(value, int))
    assert numbers == sorted(n for t in protected.tables for n in t.counts.values() if n is not None)
    assert shown.count("X") == sum(n is None for t in protected.tables for n in t.counts.values())


def test_the_workbook_hides_nothing_and_calculates_nothing(files: dict[str, bytes]) -> None:
    book = openpyxl.load_workbook(io.BytesIO(files["tabeller.xlsx"]))
    assert all(sheet.sheet_state == "visible" for sheet in book.worksheets)
    assert not any(c.data_type == "f" for sheet in book.worksheets for row in sheet.iter_rows() for c in row)
    assert not any(d.hidden for sheet in book.worksheets for d in (*sheet.column_dimensions.values(), *sheet.row_dimensions.values()))
    assert not book.properties.creator
    assert not book.properties.lastModifiedBy
    assert not book.defined_names
    with zipfile.ZipFile(io.BytesIO(files["tabeller.xlsx"])) as parts:
        assert not [name for name in parts.namelist() if "comment" in name or "custom" in name or "external" in name]


def test_no_file_holds_a_small_count(files: dict[str, bytes]) -> None:
    for path, content in files.items():
        if path.startswith("tables/"):
            assert not [row for row in content.decode().splitlines()[1:] if row.rpartition(",")[2] in ("1", "2", "3", "4")]


def test_a_table_that_was_not_protected_is_not_written(protected: Protected) -> None:
    raw = Printed("A1", "persons", ("quarter", "flow"), {})
    with pytest.raises(TypeError, match="has not been protected"):
        bundle(replace(protected, tables=(raw,)), IMPRINT, Policy(), table_plan())  # type: ignore[arg-type]


def test_a_bundle_is_never_written_over_another(files: dict[str, bytes], tmp_path: Path) -> None:
    write_folder(files, tmp_path / IMPRINT.label)
    assert (tmp_path / IMPRINT.label / "tables" / "A1.csv").read_bytes() == files["tables/A1.csv"]
    with pytest.raises(FileExistsError):
        write_folder(files, tmp_path / IMPRINT.label)


# -- the data package ---------------------------------------------------------------------------------------------------


def test_the_data_package_describes_every_table_as_it_is(protected: Protected, files: dict[str, bytes]) -> None:
    """Read as the specification says (Data Package 1: names, paths, bytes, hash; Table Schema: fields, constraints, missing values)."""
    package = json.loads(files["datapackage.json"])
    name = re.compile(r"[-a-z0-9._/]+")
    assert package["profile"] == "tabular-data-package"
    assert name.fullmatch(package["name"])
    assert {resource["path"] for resource in package["resources"]} == {path for path in files if path.startswith("tables/")}
    assert len({resource["name"] for resource in package["resources"]}) == len(package["resources"]) == len(protected.tables)
    for resource in package["resources"]:
        content = files[resource["path"]]
        assert name.fullmatch(resource["name"])
        assert (resource["bytes"], resource["hash"]) == (len(content), f"sha256:{hashlib.sha256(content).hexdigest()}")
        _agrees(resource["schema"], list(csv.DictReader(io.StringIO(content.decode()))))


def _agrees(schema: dict, rows: list[dict[str, str]]) -> None:
    fields = {field["name"]: field for field in schema["fields"]}
    keys = [tuple(row[name] for name in schema["primaryKey"]) for row in rows]
    assert len(set(keys)) == len(keys) > 0
    for row in rows:
        assert list(row) == list(fields)
        for name, value in row.items():
            if fields[name]["type"] == "integer":
                assert value in schema["missingValues"] or int(value) >= fields[name]["constraints"]["minimum"]
            else:
                assert value in fields[name]["constraints"]["enum"]
                assert value not in schema["missingValues"]


def test_the_data_package_says_what_each_code_means(files: dict[str, bytes]) -> None:
    resources = {resource["name"]: resource for resource in json.loads(files["datapackage.json"])["resources"]}
    sex = next(field for field in resources["a2"]["schema"]["fields"] if field["name"] == "sex")
    assert sex["description"] == "Total = Totalt; f = Flicka/kvinna; m = Pojke/man; u = Uppgift saknas"
    assert resources["a3b-recruitment"]["title"] == "A3b Oro vid start (flera svar): Risk att rekryteras till kriminella nätverk"


def test_every_table_is_named_in_swedish_for_those_who_read(files: dict[str, bytes]) -> None:
    book = openpyxl.load_workbook(io.BytesIO(files["tabeller.xlsx"]))
    cover = {row[0].value: row[1].value for row in book.worksheets[0].iter_rows() if row[0].value}
    readme = files["LÄSMIG.txt"].decode()
    for table in table_plan().tables:
        assert cover[table.id] == table.titles["sv"]
        assert re.search(rf"^  {table.id} +{re.escape(table.titles['sv'])}$", readme, re.MULTILINE), table.id
        assert book[table.id]["A1"].value == f"{table.id} {table.titles['sv']}"


def test_a_share_in_the_bundle_follows_from_its_own_tables(protected: Protected, files: dict[str, bytes]) -> None:
    """Interventions of a recommended type: the two printed numbers of A8 divided by hand."""
    rows = {row["what"]: row for row in csv.DictReader(io.StringIO(files["derived.csv"].decode()))}
    printed = {table.id: table.counts for table in protected.tables}["A8"]
    started = {"quarter": "2025Q3", "flow": "started"}
    part, base = printed[cell(started | {"type": "recommended"})], printed[cell(started)]
    row = rows["Påbörjade insatser av rekommenderad typ"]
    if part is None or base is None or base < 20:
        assert (row["base"], row["value"]) == ("", "")
    else:
        assert (row["base"], float(row["value"])) == (str(base), pytest.approx(100 * part / base, abs=0.5))
