"""Certificates, checked by the program that anybody can run, and forged in every way that comes to mind.

`scripts/verify-release` imports nothing of ours: what it finds in the bundles of a municipality drawn by lot is a second opinion. Exit code
0: all is shown; 1: something is not, named in a sentence. What is damaged is in `test_damaged_bundles.py`.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import sys
from collections.abc import Callable
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from types import ModuleType

import pytest

from caseapp.statistics.bundle import write_folder
from tests.statistics.towns import town
from tests.statistics.verifying import SEEDS, VERIFIER, change, forge, verify


@pytest.fixture(scope="module")
def program() -> ModuleType:
    """The verifier as a module, for asking it many times."""
    loader = SourceFileLoader("verify_release", str(VERIFIER))
    module = module_from_spec(spec_from_loader("verify_release", loader))
    wanted, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    loader.exec_module(module)
    sys.dont_write_bytecode = wanted
    return module


# -- what holds -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", SEEDS)
def test_every_release_verifies_with_those_before_it(seed: int, tmp_path: Path) -> None:
    folders = []
    for label, files in town(seed):
        folders.append(tmp_path / label)
        write_folder(files, folders[-1])
        code, said = verify(*reversed(folders))
        assert code == 0, said
        assert f"{len(folders)} releases up to {label}" in said
        assert " counts open by 3; none below 5 is printed." in said


def test_archives_verify_as_folders_do(folders: list[Path], zips: list[Path]) -> None:
    assert verify(*zips) == verify(*folders)
    assert verify(*zips)[0] == 0


def test_the_sum_it_ends_with_is_of_the_newest_release(folders: list[Path]) -> None:
    assert hashlib.sha256((folders[-1] / "release.json").read_bytes()).hexdigest() in verify(*folders)[1]


# -- forged worlds ----------------------------------------------------------------------------------------------------


def no_other_worlds(stored: dict) -> None:
    stored["others"] = []


def one_more_person(stored: dict) -> None:
    stored["first"][0] += 1


def fewer_than_nobody(stored: dict) -> None:
    stored["others"][0] = [[0, -3]]


def half_a_person(stored: dict) -> None:
    stored["others"][0] = [[0, 1.5]]


def people_in_a_sum(stored: dict) -> None:
    stored["cells"][0][1] = dict.fromkeys(stored["cells"][0][1], "Total")


def people_of_an_unknown_kind(stored: dict) -> None:
    stored["cells"][0][1] = dict.fromkeys(stored["cells"][0][1], "elsewhere")


def people_of_no_sex(stored: dict) -> None:
    """Somebody who is in the total and in none of its parts would make any part look open."""
    at = next(at for at, (_unit, codes) in enumerate(stored["cells"]) if "sex" in codes)
    del stored["cells"][at][1]["sex"]


def people_where_nobody_can_be(stored: dict) -> None:
    """A need of unknown level has a known one: declared impossible."""
    unit, codes = next((unit, codes) for unit, codes in stored["cells"] if unit == "persons" and codes["flow"] == "stock")
    stored["cells"].append([unit, codes | {"workform": "sig_adult"}])
    stored["first"].append(1)


def persons_of_a_family_who_are_no_persons(stored: dict) -> None:
    at = next(at for at, (unit, _codes) in enumerate(stored["cells"]) if ":" in unit)
    stored["others"][0] = [[at, stored["first"][at] + 5]]


@pytest.mark.parametrize(
    ("forgery", "named"),
    [
        (no_other_worlds, "can be found out: "),
        (one_more_person, "a world does not agree with "),
        (fewer_than_nobody, "a world counts what cannot be in "),
        (half_a_person, "a world counts what cannot be in "),
        (people_in_a_sum, "which is not a finest cell"),
        (people_of_an_unknown_kind, "which is not a finest cell"),
        (people_of_no_sex, "which is not a finest cell"),
        (people_where_nobody_can_be, "a world counts what cannot be in "),
        (persons_of_a_family_who_are_no_persons, "a world does not agree with persons:"),
    ],
    ids=lambda one: getattr(one, "__name__", ""),
)
def test_a_forged_world_is_found_and_named(folders: list[Path], forgery: Callable[[dict], None], named: str) -> None:
    forge(folders[-1], forgery)
    code, said = verify(*folders)
    assert code != 0
    assert named in said


def test_a_removed_world_is_found_wherever_it_showed_something(program: ModuleType) -> None:
    """Worlds are taken away one after another. Each either leaves a cell or a group that is then named, or was shown by others too:
    those go for good."""
    _label, files = town(SEEDS[0])[0]
    check = program.Check()
    check.take(json.loads(files["release.json"]), files)
    stored = json.loads(files["certificate.json"])

    def named(others: list) -> list[str]:
        check.take_worlds(stored | {"others": others})
        return list(check.narrow())

    assert named(stored["others"]) == []
    left, found = stored["others"], 0
    for world in stored["others"]:
        without = [one for one in left if one is not world]
        if named(without):
            found += 1
        else:
            left = without
    assert len(left) == found
    assert found > 0.8 * len(stored["others"])


def test_a_world_for_two_cells_at_once_does_not_do_for_a_third(folders: list[Path]) -> None:
    """Half the worlds are not enough, and what is missing is said cell by cell."""
    forge(folders[-1], lambda stored: stored.update(others=stored["others"][: len(stored["others"]) // 2]))
    code, said = verify(*folders)
    assert code == 1
    assert said.count("can be found out: ") > 1


# -- forged numbers, meanings and histories ---------------------------------------------------------------------------


def test_an_altered_count_is_found(folders: list[Path]) -> None:
    def one_more(content: bytes) -> bytes:
        lines = content.decode().splitlines()
        place = next(n for n, line in enumerate(lines) if line.rpartition(",")[2].isdigit())
        head, _comma, count = lines[place].rpartition(",")
        lines[place] = f"{head},{int(count) + 7}"
        return ("\n".join(lines) + "\n").encode()

    change(folders[-1], "tables/A8.csv", one_more)
    code, said = verify(*folders)
    assert code == 1
    assert "a world does not agree with interventions" in said


def test_a_small_count_printed_after_all_is_found(folders: list[Path]) -> None:
    change(folders[-1], "tables/A8.csv", lambda content: content.replace(b",X\n", b",3\n", 1))
    code, said = verify(*folders)
    assert code == 1
    assert " = 3 is small, and was printed" in said


def test_one_cell_with_two_numbers_is_found(folders: list[Path]) -> None:
    """The persons opened in a quarter stand in several tables."""
    def other_total(content: bytes) -> bytes:
        rows = list(csv.reader(io.StringIO(content.decode())))
        place = next(row for row in rows[1:] if row[1] == "opened" and set(row[2:-2]) == {"Total"})
        place[-1] = "77"
        return "".join(",".join(row) + "\n" for row in rows).encode()

    change(folders[-1], "tables/A3.csv", other_total)
    code, said = verify(*folders)
    assert code == 1
    assert "A3 persons:source flow=opened quarter=2026Q1 was printed otherwise elsewhere" in said


def test_a_code_that_means_another_thing_than_before_is_found(folders: list[Path]) -> None:
    forge(folders[-1], lambda spec: spec["hierarchies"]["sex"].update(Total=["f", "m"]), "spec.json")
    code, said = verify(*folders)
    assert code == 1
    assert "sex Total means another thing than before" in said


def test_a_fact_that_the_worlds_break_is_found(folders: list[Path]) -> None:
    closed = {"flow": "closed", "quarter": "2025Q3"}
    fact = {"unit": "persons", "terms": [[1, closed]], "lo": 900, "hi": None}
    forge(folders[-1], lambda spec: spec["facts"].append(fact), "spec.json")
    code, said = verify(*folders)
    assert code == 1
    assert "a world does not agree with persons flow=closed quarter=2025Q3: 900 to None" in said


def test_a_promise_that_protects_nothing_is_found(folders: list[Path]) -> None:
    about = json.loads((folders[0] / "release.json").read_bytes())
    about["parameters"] |= {"threshold": 2, "width": 0}
    (folders[0] / "release.json").write_text(json.dumps(about))
    code, said = verify(folders[0])
    assert code == 1
    assert "promises too little: threshold 2, width 0" in said


def test_a_release_is_held_to_what_it_promised_itself(folders: list[Path]) -> None:
    """Four apart was not shown for every cell: with a wider promise in the newest bundle its own quarter is judged by that, no other."""
    about = json.loads((folders[-1] / "release.json").read_bytes())
    about["parameters"] |= {"threshold": 5, "width": 4}
    (folders[-1] / "release.json").write_text(json.dumps(about))
    code, said = verify(*folders)
    assert code == 1
    found = [line for line in said.splitlines() if line.startswith("can be found out: ") and "everybody" not in line]
    assert found
    assert all("quarter=2026Q1" in line for line in found)


@pytest.mark.parametrize("gone", [0, 1])
def test_a_missing_earlier_release_is_found(folders: list[Path], gone: int) -> None:
    left = [folder for at, folder in enumerate(folders) if at != gone]
    code, said = verify(*left)
    assert code == 1
    assert f"was made knowing {folders[gone].name}, which is not here as it was" in said


def test_a_release_of_another_municipality_is_found(folders: list[Path], tmp_path: Path) -> None:
    _label, files = town(SEEDS[1])[0]
    other = tmp_path / "0180-2025Q3-r1"
    about = json.loads(files["release.json"]) | {"municipality": "0180", "release": other.name}
    write_folder(files | {"release.json": json.dumps(about).encode()}, other)
    code, said = verify(*folders, other)
    assert code == 1
    assert "the bundles are of more than one municipality: 0180, 1283" in said


EVERY_KIND = (
    "tables/A2.csv", "spec.json", "certificate.json", "datapackage.json", "derived.csv", "tabeller.xlsx", "LÄSMIG.txt",
)  # fmt: skip


@pytest.mark.parametrize("name", EVERY_KIND)
def test_a_changed_file_is_named_whatever_it_is(folders: list[Path], name: str) -> None:
    path = folders[0] / name
    path.write_bytes(path.read_bytes() + b" ")
    code, said = verify(*folders)
    assert code == 1
    assert f"{folders[0].name}: {name} is missing or not what was approved" in said


@pytest.mark.parametrize("name", EVERY_KIND)
def test_a_missing_file_is_named_whatever_it_is(folders: list[Path], name: str) -> None:
    (folders[1] / name).unlink()
    code, said = verify(*folders)
    assert code == 1
    assert f"{folders[1].name}: {name} is missing or not what was approved" in said


def test_a_file_that_nobody_approved_is_named(folders: list[Path]) -> None:
    (folders[1] / "tables" / "A99.csv").write_text("quarter,unit,count\n")
    code, said = verify(*folders)
    assert code == 1
    assert "tables/A99.csv is missing or not what was approved" in said


def test_an_edited_description_of_an_earlier_release_is_found(folders: list[Path]) -> None:
    path = folders[0] / "release.json"
    path.write_bytes(path.read_bytes().replace(b'"statistician"', b'"nobody"'))
    code, said = verify(*folders)
    assert code == 1
    assert f"was made knowing {folders[0].name}, which is not here as it was" in said


# -- the program itself -----------------------------------------------------------------------------------------------


def test_the_verifier_is_one_short_file_that_uses_nothing_but_the_standard_library() -> None:
    source = VERIFIER.read_text("utf-8")
    imported = {line.split()[1] for line in source.splitlines() if line.startswith(("import ", "from "))}
    assert imported <= set(sys.stdlib_module_names)
    assert len([line for line in source.splitlines() if line.strip()]) <= 210  # short enough to be read before it is trusted
