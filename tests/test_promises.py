"""Every promise of the README names the tests that show it, and those tests are there."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text("utf-8")


def promises() -> dict[str, list[str]]:
    """The rows of the table "promise → shown by": promise → test files."""
    table = README.partition("| promise | shown by |")[2].partition("\n\n")[0]
    rows = [line.strip("|").split("|") for line in table.splitlines()[2:]]
    return {promise.strip(): re.findall(r"`(tests/[^`]+)`", shown) for promise, shown in rows}


def test_each_promise_is_shown_by_tests_that_are_there() -> None:
    assert len(promises()) >= 10
    missing = {promise: files for promise, files in promises().items() if not files or not all((ROOT / file).is_file() for file in files)}
    assert not missing


def test_every_file_of_attacks_shows_a_promise() -> None:
    named = {file for files in promises().values() for file in files}
    written = {f"tests/attacks/{path.name}" for path in (ROOT / "tests" / "attacks").glob("test_*.py")} - {"tests/attacks/test_listing.py"}
    assert written <= named


def test_every_test_file_that_the_readme_names_is_there() -> None:
    assert not [file for file in re.findall(r"tests/[\w/]+\.py", README) if not (ROOT / file).is_file()]
