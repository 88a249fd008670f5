"""Certificates, checked by the program that anybody can run, and forged in every way that comes to mind.

`scripts/verify-release` imports nothing of ours: what it finds in the bundles of a municipality drawn by lot is a second opinion.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from caseapp.statistics.bundle import Imprint, archive, bundle, write_folder
from caseapp.statistics.plan import table_plan
from tests.statistics.drawn_by_lot import POLICY, releases

VERIFIER = Path(__file__).parents[2] / "scripts" / "verify-release"
SEEDS = (3, 11, 29)


def _made(seed: int, home: Path) -> list[Path]:
    """Three quarters as folders, the newest last."""
    folders: list[Path] = []
    known: dict[str, str] = {}
    for number, (protected, _world) in enumerate(releases(seed, 60, 3)):
        imprint = Imprint("1283", "Provköping", ("2025Q3", "2025Q4", "2026Q1")[number], 1, "test", "test")
        files = bundle(protected, imprint, POLICY, table_plan(), known)
        known[imprint.label] = hashlib.sha256(files["release.json"]).hexdigest()
        folders.append(home / imprint.label)
        write_folder(files, folders[-1])
        (home / f"{imprint.label}.zip").write_bytes(archive(imprint.label, files))
    return folders


@pytest.fixture(scope="module")
def towns(tmp_path_factory: pytest.TempPathFactory) -> dict[int, list[Path]]:
    """The bundles of towns drawn by lot."""
    return {seed: _made(seed, tmp_path_factory.mktemp(f"town{seed}")) for seed in SEEDS}


@pytest.fixture
def folders(towns: dict[int, list[Path]], tmp_path: Path) -> list[Path]:
    """A copy of one town's bundles, to be spoilt."""
    copies = []
    for folder in towns[SEEDS[0]]:
        files = {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
        copies.append(tmp_path / folder.name)
        write_folder(files, copies[-1])
    return copies


def verify(*bundles: Path) -> tuple[int, str]:
    """Exit code and what was printed; -I: nothing of this repository can be imported."""
    done = subprocess.run([sys.executable, "-I", str(VERIFIER), *map(str, bundles)], capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stderr
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize("seed", SEEDS)
def test_every_release_verifies_with_those_before_it(towns: dict[int, list[Path]], seed: int) -> None:
    for count in (1, 2, 3):
        code, said = verify(*towns[seed][:count])
        assert code == 0, said
        assert f"{count} releases" in said


def test_archives_verify_as_folders_do(towns: dict[int, list[Path]]) -> None:
    code, said = verify(*(folder.with_name(folder.name + ".zip") for folder in towns[SEEDS[0]]))
    assert code == 0, said


def change(folder: Path, name: str, how: Callable[[bytes], bytes]) -> None:
    """Change a file, and forge the hash of it."""
    path, about = folder / name, json.loads((folder / "release.json").read_bytes())
    path.write_bytes(how(path.read_bytes()))
    about["sha256"][name] = hashlib.sha256(path.read_bytes()).hexdigest()
    (folder / "release.json").write_text(json.dumps(about))


def forge(folder: Path, how: Callable[[dict], object]) -> None:
    def rewrite(content: bytes) -> bytes:
        stored = json.loads(content)
        how(stored)
        return json.dumps(stored).encode()

    change(folder, "certificate.json", rewrite)


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


@pytest.mark.parametrize(
    "forgery", [no_other_worlds, one_more_person, fewer_than_nobody, half_a_person, people_in_a_sum, people_of_an_unknown_kind]
)
def test_a_forged_world_is_found(folders: list[Path], forgery: Callable[[dict], None]) -> None:
    forge(folders[-1], forgery)
    code, said = verify(*folders)
    assert code == 1
    assert "NOT shown safe" in said


def test_each_world_is_needed(folders: list[Path]) -> None:
    """A certificate is no longer than it has to be, give or take: without the second half of it something is not shown."""
    forge(folders[-1], lambda stored: stored.update(others=stored["others"][: len(stored["others"]) // 2]))
    code, said = verify(*folders)
    assert code == 1
    assert "can be found out: " in said


def test_an_altered_count_is_found(folders: list[Path]) -> None:
    def one_more(content: bytes) -> bytes:
        lines = content.decode().splitlines()
        place = next(n for n, line in enumerate(lines) if line.rpartition(",")[2].isdigit())
        head, _comma, count = lines[place].rpartition(",")
        lines[place] = f"{head},{int(count) + 1}"
        return ("\n".join(lines) + "\n").encode()

    change(folders[-1], "tables/A2.csv", one_more)
    code, said = verify(*folders)
    assert code == 1
    assert "a world does not agree with" in said or "was another number before" in said


def test_a_count_printed_after_all_is_found(folders: list[Path]) -> None:
    change(folders[-1], "tables/A2.csv", lambda content: content.replace(b",X\n", b",3\n", 1))
    code, said = verify(*folders)
    assert code == 1
    assert "a world does not agree with" in said or "was another number before" in said


def test_a_changed_file_is_found(folders: list[Path]) -> None:
    (folders[0] / "spec.json").write_text("{}")
    assert verify(folders[0])[0] == 1


def test_a_missing_earlier_release_is_found(folders: list[Path]) -> None:
    code, said = verify(*folders[1:])
    assert code == 1
    assert "was made knowing 1283-2025Q3-r1, which is not here as it was" in said


def test_what_is_no_bundle_is_said_in_a_sentence(tmp_path: Path) -> None:
    assert verify(tmp_path) == (1, "A bundle cannot be read: KeyError 'release.json'\n")
    (tmp_path / "x.zip").write_bytes(b"no archive")
    assert verify(tmp_path / "x.zip")[0] == 1
    assert verify()[0] == 2


def test_the_verifier_uses_nothing_but_the_standard_library() -> None:
    source = VERIFIER.read_text("utf-8")
    imported = {line.split()[1] for line in source.splitlines() if line.startswith(("import ", "from "))}
    assert imported <= set(sys.stdlib_module_names)
    assert len(source.splitlines()) < 220  # short enough to be read before it is trusted
