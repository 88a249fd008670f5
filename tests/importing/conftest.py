"""What an import needs: files made in the test, a coordinator's browser, and the way through the pages as a person goes it."""

import io
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

import openpyxl
import pytest
from werkzeug.test import TestResponse

from tests.pages import PageClient

HEADINGS = ("Personnummer", "Förnamn", "Efternamn", "Aktualiserad", "Vem tog initiativet", "Vad gäller oron", "Vårdnadshavare")
#: Numbers with the tax agency's serial numbers for tests (980–999) and check digits worked out by hand with Luhn's rule.
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


def send(client: PageClient, content: bytes, name: str = "lista.xlsx") -> TestResponse:
    """The answer to the file, redirects followed."""
    answer: TestResponse = client.submit({"file": (io.BytesIO(content), name)}, on="/cases/import")
    return answer


def import_id_of(client: PageClient) -> str:
    """The import whose page was seen last."""
    return client.address.split("/")[3]


Way = Callable[..., PageClient]


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
