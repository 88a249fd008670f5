"""What an import needs: files made in the test, a coordinator's browser, and the way through the pages as a person goes it."""

import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from flask import Flask
from werkzeug.test import TestResponse

from caseapp import audit
from caseapp.access import Actor
from caseapp.cases.finding import list_cases
from caseapp.db import transaction
from caseapp.importing import checking, saving, taking_in, undoing
from caseapp.importing.saving import Wording
from tests.municipality import Municipality, actor_of
from tests.pages import PageClient, form_values

HEADINGS = ("Personnummer", "Förnamn", "Efternamn", "Aktualiserad", "Vem tog initiativet", "Vad gäller oron", "Vårdnadshavare")
#: Check digits worked out by hand with Luhn's rule.
ALVA = ("20110415-2382", "Alva", "Lind", date(2026, 3, 3), "Skola", "Hög frånvaro från skolan", "Mona Lind 070-123 45 67")
BO = ("20100105-2396", "Bo", "Ek", "5/1 2026", "polisen", "skolk; droger", "Eva Ek; Jan Ek")


def workbook(*rows: Sequence[Any], headings: Sequence[Any] = HEADINGS, change: Callable[[Any], None] = lambda _book: None) -> bytes:
    """An XLSX file with these rows under these headings; `change` may do something more to the book."""
    book = openpyxl.Workbook()
    for row in (headings, *rows):
        book.active.append(list(row))
    change(book)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def multipart(fields: Mapping[str, str], content: bytes, name: str) -> dict[str, Any]:
    """A form with a file as a browser encodes it. Made here: the library's own encoder lays a large one in a temporary file."""
    mark = "----marked"
    parts = [f'--{mark}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'.encode() for key, value in fields.items()]
    head = f'--{mark}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\nContent-Type: application/octet-stream\r\n\r\n'
    body = b"".join([*parts, head.encode(), content, f"\r\n--{mark}--\r\n".encode()])
    return {"data": body, "content_type": f"multipart/form-data; boundary={mark}"}


def send(client: PageClient, content: bytes, name: str = "lista.xlsx") -> TestResponse:
    """The answer to the file, redirects followed."""
    client.get("/cases/import")
    assert client.page is not None
    (form,) = (form for form in client.page.forms("/cases/import") if form.get("enctype") == "multipart/form-data")
    fields = {name: values[0] for name, values in form_values(form).items() if name != "file"}
    answer: TestResponse = client.post("/cases/import", **multipart(fields, content, name), follow_redirects=True)
    return answer


def import_id_of(client: PageClient) -> str:
    """The import whose page was seen last."""
    return client.address.split("/")[3]


@pytest.fixture
def karin(signed_in: Callable[[str], PageClient]) -> PageClient:
    """The northern team's coordinator, signed in."""
    return signed_in("karin")


def go_to_check(client: PageClient, content: bytes, columns: Mapping[str, str] | None = None) -> PageClient:
    """From the file to the report, with the columns as they are guessed or as they are given."""
    answer = send(client, content)
    assert client.address.endswith("/columns"), (client.address, answer.status_code, client.page and client.page.text())
    client.submit(columns or {}, action=client.address)
    if client.address.endswith("/values"):
        client.get(client.address.replace("/values", "/check"))
    return client


# -- the same without pages -------------------------------------------------------------------------------------------

WORDING = Wording("Ur listan", "Samtycke i listan", "Gäller inte:")


@dataclass(frozen=True)
class Imports:
    """What a coordinator does with a list, as actions."""

    app: Flask
    municipality: Municipality
    login: str = "karin"

    @property
    def me(self) -> Actor:
        """The coordinator, freshly proved."""
        return actor_of(self.app, self.municipality[self.login])

    @property
    def home(self) -> Path:
        """Where the erasure ledger lies."""
        home: Path = self.app.extensions["caseapp.config"].home
        return home

    def begin(self, *rows: Sequence[Any], headings: Sequence[Any] = HEADINGS, team: str = "norr") -> str:
        """A list of these rows is taken in; its id."""
        return taking_in.take_in(self.me, self.municipality.teams[team], workbook(*rows, headings=headings))

    def chosen(self, *rows: Sequence[Any], only: Sequence[int] | None = None) -> str:
        """The same, and the whole of it, or these rows, are chosen; nothing is saved yet."""
        import_id = self.begin(*rows)
        checking.choose_rows(self.me, import_id, only)
        return import_id

    def save(self, import_id: str) -> list[saving.Progress]:
        """Save until it is done or given up; how far it was after each part."""
        made = [saving.save_next(self.me, import_id, wording=WORDING)]
        while not made[-1].is_done and not made[-1].failed:
            made.append(saving.save_next(self.me, import_id, wording=WORDING))
        return made

    def made(self, *rows: Sequence[Any], only: Sequence[int] | None = None) -> str:
        """The same, saved to the end; the import's id."""
        import_id = self.chosen(*rows, only=only)
        assert self.save(import_id)[-1].is_done
        return import_id

    def undo(self, import_id: str) -> None:
        """Take it back to the end."""
        while not undoing.undo_next(self.me, import_id, home=self.home):
            pass

    def names(self) -> list[str]:
        """The names of the young people in the coordinator's open cases, as their pages show them."""
        return sorted(str(bar.name) for bar in list_cases(self.me).bars)

    def verify(self) -> list[str]:
        """What is wrong with the log and the rows: nothing, however it went."""
        database = self.app.extensions["caseapp.database"]
        database.bind()
        with transaction(reading=True) as current:
            return [f"{finding.sequence}: {finding.message}" for finding in audit.verify(current, database.keyholder)[1]]


@pytest.fixture
def imports(app: Flask, municipality: Municipality) -> Imports:
    """Lists of the northern team's coordinator."""
    return Imports(app, municipality)


def person(serial: int, name: str = "") -> tuple[Any, ...]:
    """A row of its own for each serial number (0–9999): born on a day of its own, with a check digit by Luhn."""
    born = date(2008, 1, 1) + timedelta(days=serial)
    nine = f"{born:%y%m%d}238"
    digits = [int(digit) * (2 - place % 2) for place, digit in enumerate(nine)]
    number = f"{born:%Y%m%d}238{-sum(sum(divmod(one, 10)) for one in digits) % 10}"
    first, _space, last = (name or f"Nr{'abcdefghij'[serial % 10]} Efter{'abcdefghijklmnopqrstuvwxyz'[serial // 10 % 26]}").partition(" ")
    return (number, first, last, "2026-03-03", "Skola", "skolk", "Mona Lind 070-123 45 67")
