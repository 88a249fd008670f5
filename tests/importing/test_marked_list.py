"""A marked text in a list that is taken in is nowhere in the clear: not in the databases, their write-ahead files, the key store, the
erasure ledger, a temporary file, an address, a cookie or the log; not while the list is on its way, and not afterwards.
"""

import csv
import io
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from tests.conftest import client_of
from tests.importing.conftest import HEADINGS, go_to_check, import_id_of, person, send, workbook
from tests.installations import Installation
from tests.municipality import Codes, Municipality, sign_in
from tests.pages import PageClient
from tests.test_canary import everything_said, everything_stored, hits
from tests.walked import MARK, identity_number

#: Marks in every kind of cell, and in a column that is not taken in.
ROW = (identity_number(981), f"{MARK} Ett", f"{MARK} Två", "2026-03-03", "Skola", "skolk", f"{MARK} Tre 070-1234567")
MORE = ("Anteckning", "Samtycke", f"{MARK} rubrik")
VALUES = (f"{MARK} anteckning", f"{MARK} samtycke", f"{MARK} tas inte med")
_opened: list[list[str]] = []


def _listen(event: str, arguments: tuple[Any, ...]) -> None:
    if _opened and event == "open" and isinstance(arguments[0], str) and isinstance(arguments[1], str) and set(arguments[1]) & set("wax+"):
        _opened[-1].append(arguments[0])
    elif _opened and event == "tempfile.mkstemp":
        _opened[-1].append(str(arguments[0]))


sys.addaudithook(_listen)


@pytest.fixture
def opened() -> Iterator[list[str]]:
    """Every file that is opened for writing, and every temporary file."""
    _opened.append([])
    yield _opened[-1]
    _opened.pop()


def _found(installation: Installation) -> list[str]:
    return hits(everything_stored(installation) | {"temporary": _temporary_files()})


def _temporary_files() -> bytes:
    """What lies in the directory for temporary files itself; tests have theirs below it."""
    return b"\n".join(file.read_bytes() for file in Path(tempfile.gettempdir()).glob("tmp*") if file.is_file())


#: Made once and beforehand: the library that writes workbooks for tests lays their sheets in temporary files.
MARKED = workbook((*ROW, *VALUES), headings=(*HEADINGS, *MORE))


def test_a_marked_list_is_nowhere_in_the_clear_on_the_whole_way(
    app: Flask, installation: Installation, municipality: Municipality, codes: Codes, opened: list[str]
) -> None:
    with everything_said() as said:
        client = sign_in(client_of(app), municipality["karin"], codes)
        go_to_check(client, MARKED)
        assert f"{MARK} Ett {MARK} Två" in client.page.text()
        import_id = import_id_of(client)
        assert _found(installation) == []
        client.get(f"/cases/import/{import_id}/sheet")
        client.submit({"how": "whole"}, on=f"/cases/import/{import_id}/check", action=f"/cases/import/{import_id}/check")
        client.submit({}, action=client.address)
        assert client.address.endswith("/result")
        assert _found(installation) == []
        (case,) = {address for address in client.page.links if "/cases/" in address and "import" not in address}
        client.get(f"{case}/notes")
        assert f"{MARK} anteckning" in client.page.text()
        assert f"{MARK} tas inte med" not in client.page.text()
        client.submit({}, on=f"/cases/import/{import_id}/result", action=f"/cases/import/{import_id}/result")
        assert _found(installation) == []
    assert hits({"log": said.getvalue().encode()}) == []
    assert [path for path in opened if not path.startswith((str(installation.home), "/dev/"))] == []


def test_a_large_file_is_held_in_memory_and_leaves_no_temporary_file(
    app: Flask, installation: Installation, municipality: Municipality, codes: Codes, opened: list[str]
) -> None:
    text = io.StringIO()
    rows = [(*person(one), *(f"{MARK} {one} {'x' * 900}",) * 3) for one in range(400)]
    csv.writer(text).writerows([(*HEADINGS, *MORE), *rows])
    content = text.getvalue().encode()
    assert len(content) > 1_000_000
    client = sign_in(client_of(app), municipality["karin"], codes)
    send(client, content, "lista.csv")
    assert client.address.endswith("/columns")
    assert _found(installation) == []
    assert [path for path in opened if not path.startswith((str(installation.home), "/dev/"))] == []


def test_a_list_that_is_thrown_away_leaves_nothing(
    app: Flask, installation: Installation, signed_in: Callable[[str], PageClient]
) -> None:
    client = signed_in("karin")
    send(client, MARKED)
    client.submit({}, action=f"/cases/import/{import_id_of(client)}/throw-away")
    assert "Listan är kastad" in client.page.text()
    assert _found(installation) == []


def test_a_marked_file_that_is_refused_leaves_nothing(
    app: Flask, installation: Installation, signed_in: Callable[[str], PageClient]
) -> None:
    client = signed_in("karin")
    for content in (b"%PDF " + MARKED, MARKED[:500], (f"{MARK};\n" * 20_000).encode()):
        assert send(client, content).status_code == 422
    assert _found(installation) == []


def test_the_search_finds_a_temporary_file_that_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, opened: list[str]) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with tempfile.NamedTemporaryFile(prefix="tmp") as file:
        file.write(MARK.encode())
        file.flush()
        assert hits({"temporary": _temporary_files()}) != []
    assert opened
