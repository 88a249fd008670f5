"""The house itself: where things stand, what they say of themselves, and that nothing of one machine slips in."""

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
#: As the client fixed it; dot-files besides.
TOP_LEVEL = {"caseapp", "migrations", "scripts", "tests", "config.py", "wsgi.py", "pyproject.toml", "README.md", ".ci"}
#: Lines of a module that still reads in one sitting.
HALL = 400
_BANNED_NAMES = {"utils", "util", "helper", "helpers", "manager", "managers", "data", "info", "misc", "common"}
#: Places of one machine and registries' addresses; each written in two parts so that this file does not hold them.
_OF_ONE_MACHINE = re.compile(
    "|".join(("/ro" + "ot/", "/ho" + "me/", "/op" + "t/wheels", "/wo" + "rk/", "/tm" + "p/", "pypi" + r"\.org", "python" + "hosted"))
)


def _tracked() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"], cwd=ROOT, capture_output=True, check=True
    ).stdout
    return [ROOT / name for name in listed.decode().split("\0") if name and (ROOT / name).is_file()]


def _modules(*roots: str) -> list[Path]:
    return [path for path in _tracked() if path.suffix == ".py" and path.relative_to(ROOT).parts[0] in roots]


def _named(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_the_top_level_is_as_the_client_fixed_it() -> None:
    found = {path.relative_to(ROOT).parts[0] for path in _tracked()}
    dot_files = {name for name in found if name.startswith(".") and (ROOT / name).is_file()}
    assert found - dot_files <= TOP_LEVEL


@pytest.mark.parametrize("module", _modules("caseapp", "tests", "config.py", "wsgi.py"), ids=_named)
def test_a_module_begins_by_saying_what_it_answers(module: Path) -> None:
    source = module.read_text("utf-8")
    if not source.strip():
        pytest.skip("an empty package marker")
    docstring = ast.get_docstring(ast.parse(source)) or ""
    assert len(docstring.split()) >= 5, "begin with a sentence: which question the module answers, what it promises"


def test_every_room_begins_with_a_short_essay() -> None:
    rooms = [path for path in _modules("caseapp") if path.name == "__init__.py" and path.parent.parent == ROOT / "caseapp"]
    assert rooms
    short = {}
    for room in rooms:
        if len([path for path in _modules("caseapp") if room.parent in path.parents]) > 1:
            words = len((ast.get_docstring(ast.parse(room.read_text("utf-8"))) or "").split())
            if words < 20:
                short[_named(room)] = words
    assert not short, "say which question the room answers, what it promises, what it does not do"


def test_no_module_is_a_hall() -> None:
    long = {_named(path): lines for path in _modules("caseapp", "tests") if (lines := len(path.read_text("utf-8").splitlines())) > HALL}
    assert not long, "split it by idea"


def test_no_module_is_named_after_nothing() -> None:
    nameless = [_named(path) for path in _modules("caseapp", "tests") if {path.stem, path.parent.name} & _BANNED_NAMES]
    assert not nameless, "name it by its idea"


def test_nothing_of_one_machine_stands_in_a_file() -> None:
    found = {}
    for path in _tracked():
        if path.suffix in (".lock", ".woff2", ".png", ".mo"):
            continue
        for number, line in enumerate(path.read_text("utf-8", errors="replace").splitlines(), 1):
            if _OF_ONE_MACHINE.search(line):
                found[f"{_named(path)}:{number}"] = line.strip()
    assert not found


def test_the_locks_name_versions_and_hashes_and_no_place() -> None:
    for lock in (ROOT / "scripts").glob("*.lock"):
        for line in lock.read_text("utf-8").splitlines():
            assert re.fullmatch(r"#.*|[a-z0-9.-]+==\S+( ;.*)? \\|    --hash=sha256:[0-9a-f]{64}( \\)?", line), f"{lock.name}: {line}"


def test_every_direct_need_is_locked_and_each_lock_contains_the_smaller_one() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    extras = project["optional-dependencies"]

    def locked(name: str) -> set[str]:
        return set(re.findall(r"^([a-z0-9.-]+==\S+)", (ROOT / "scripts" / name).read_text("utf-8"), re.MULTILINE))

    def needed(*groups: list[str]) -> set[str]:
        return {re.split(r"[\[><=; ]", need)[0].lower().replace("_", "-") for group in groups for need in group}

    application, proof, benchmark = map(locked, ("requirements.lock", "requirements-test.lock", "requirements-benchmark.lock"))
    assert application < proof < benchmark
    names = {entry.split("==")[0] for entry in application}
    assert needed(project["dependencies"]) <= names
    assert needed(extras["test"]) <= {entry.split("==")[0] for entry in proof}
    assert needed(extras["benchmark"]) <= {entry.split("==")[0] for entry in benchmark}


def test_the_import_contracts_hold() -> None:
    checked = subprocess.run(
        [sys.executable, "-c", "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(no_cache=True))"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr

