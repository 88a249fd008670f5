"""No download holds a person: whatever anybody fetches that is not a page, or is offered to be saved, names nobody; nor does a page
hold more than one case's content, but for the few that are about several.

Cases with planted words (tests/planted_texts.py) are there in every state of consent, and a released quarter. Everybody goes everywhere
that links lead, to several pages of each kind, asks addresses of the URL map with the ids met on the way, asks for other formats, and
sends forms empty.
"""

import io
import re
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.exceptions import HTTPException
from werkzeug.test import TestResponse

from caseapp.accounts.second_factor import code_at
from caseapp.formats import clock
from caseapp.statistics.actions import approve, list_releases
from tests.installations import Workshop
from tests.municipality import actor_of
from tests.planted_texts import Plantation, plant, the_day_after

pytestmark = pytest.mark.timeout(600)

LOGINS = ("karin", "lena", "pontus", "ulla", "stellan", "greta", "admin", "rasmus", "")
#: Pages that are about several cases, each with the reason. They show no more of a case than its own page does.
ABOUT_SEVERAL = {
    "cases.listing": "the list of one's own cases, with initials",
    "cases.search": "what a search for a name found, with the name that was searched for",
    "cases.new_case": "the cases of the person that is about to be registered a second time",
    "day.my_day": "what is due today in one's own cases, a line each",
    "meetings.meeting": "the minutes of one meeting, of the cases one takes part in",
}
_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_MOST = 8  # pages of each kind that one person goes to: there are as many states of consent
_FORMATS = ("text/csv", "application/json", "application/pdf", "application/vnd.ms-excel", "application/zip")


@dataclass
class Fetched:
    """What one person was answered."""

    pages: dict[str, bytes] = field(default_factory=dict)
    downloads: dict[str, bytes] = field(default_factory=dict)
    disguised: list[str] = field(default_factory=list)

    def keep(self, address: str, answer: TestResponse) -> None:
        if answer.mimetype == "text/html" and "Content-Disposition" not in answer.headers:
            self.pages.setdefault(address, answer.get_data())
        else:
            self.downloads[address] = answer.get_data()


def _make(app: Flask, invitation: str) -> Plantation:
    made = plant(app, invitation)
    ulla = actor_of(app, made.municipality["ulla"])
    (waiting,) = list_releases(ulla).releases
    approve(ulla, waiting.id, sha256=waiting.sha256)
    return made


@pytest.fixture
def plantation(workshop: Workshop, backend: str) -> Plantation:
    """The cases, and the words in them."""
    _template, made = workshop.template(backend, "planted and released", _make)
    found: Plantation = made
    return found


@pytest.fixture
def planted(workshop: Workshop, backend: str, plantation: Plantation, tmp_path: Path) -> Iterator[Flask]:
    """The application on a copy of it, on the day after."""
    template, _same = workshop.template(backend, "planted and released", _make)
    with workshop.copy(template, tmp_path / "home") as made, made.application() as app, clock.at(the_day_after()):
        app.extensions["caseapp.database"].bind()
        yield app


class Visitor:
    """One person's browser."""

    def __init__(self, app: Flask, plantation: Plantation, login: str) -> None:
        app.test_client_class = FlaskClient
        self._app, self._client = app, app.test_client()
        self._map = app.url_map.bind("localhost")
        self.fetched = Fetched()
        if login:
            person = plantation.municipality[login]
            self._post("/sign-in", login=person.login, password=person.password)
            answer = self._post("/sign-in/code", code=code_at(person.totp_secret, clock.now()))
            assert answer.headers.get("Location") == "/", answer.status_code

    def get(self, path: str, accept: str = "text/html") -> TestResponse:
        return self._client.get(path, base_url="https://localhost", headers={"Accept": accept})

    def _post(self, path: str, **answers: str) -> TestResponse:
        token = re.search(r'name="csrf_token" value="([^"]+)"', self.get("/accessibility").get_data(as_text=True))
        assert token
        return self._client.post(path, data={"csrf_token": token[1], **answers}, base_url="https://localhost")

    def go_everywhere(self, ids: set[str]) -> set[str]:
        """Follow every link; the ids that were met."""
        waiting = [rule.rule for rule in self._app.url_map.iter_rules() if not rule.arguments and "GET" in (rule.methods or ())]
        waiting += [f"/cases/{one}" for one in ids] + [f"/meetings/{one}" for one in ids]
        seen: set[str] = set()
        kinds: Counter[str] = Counter()
        while waiting:
            address = waiting.pop()
            parts = urlsplit(address)
            if address in seen or not parts.path.startswith("/") or parts.netloc or "static" in parts.path:
                continue
            seen.add(address)
            kind = _ID.sub("·", parts.path)
            if kinds[kind] == _MOST:
                continue
            kinds[kind] += 1
            answer = self.get(address)
            self.fetched.keep(address, answer)
            if 300 <= answer.status_code < 400:
                waiting.append(re.sub(r"^https?://[^/]+", "", answer.headers["Location"]))
            elif answer.mimetype == "text/html":
                html = answer.get_data(as_text=True)
                waiting += [link.partition("#")[0].replace("&amp;", "&") for link in re.findall(r'(?:href|action)="([^"]+)"', html)]
                ids |= set(_ID.findall(html))
        return ids

    def ask_for_other_formats(self) -> None:
        """The same pages, as something that could be saved."""
        for address in list(self.fetched.pages)[:80]:
            for accept in _FORMATS[:2]:
                answer = self.get(address, accept)
                if answer.mimetype != "text/html" or "Content-Disposition" in answer.headers:
                    self.fetched.disguised.append(f"{address} as {accept}")
                self.fetched.keep(f"{address} as {accept}", answer)

    def send_every_form_empty(self) -> None:
        """Each form that a page offered, and the buttons."""
        offered = (re.findall(r'<form method="post" action="([^"]+)"', page.decode()) for page in self.fetched.pages.values())
        actions = {action for here in offered for action in here}
        for action in sorted(actions - {"/sign-out"}):
            self.fetched.keep(f"POST {action}", self._post(action.replace("&amp;", "&")))

    def endpoint(self, address: str) -> str:
        path = urlsplit(address.removeprefix("POST ").partition(" as ")[0]).path
        for method in ("GET", "POST"):
            try:
                return str(self._map.match(path, method=method)[0])
            except HTTPException:
                continue
        return ""


def everything_in(content: bytes) -> Iterator[bytes]:
    """The bytes, and those of every file in them if they are an archive."""
    yield content
    if zipfile.is_zipfile(io.BytesIO(content)):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for name in archive.namelist():
                yield name.encode()
                yield from everything_in(archive.read(name))


def names_in(plantation: Plantation, content: bytes) -> set[str]:
    return {word for part in everything_in(content) for word in plantation.found_in(part)}


@pytest.mark.parametrize("login", LOGINS)
def test_nothing_that_is_not_a_page_names_anybody_and_no_page_holds_several_cases(
    login: str, planted: Flask, plantation: Plantation
) -> None:
    here = Visitor(planted, plantation, login)
    here.go_everywhere(set(plantation.cases.values()) if login in ("karin", "lena", "pontus", "rasmus") else set())
    here.ask_for_other_formats()
    here.send_every_form_empty()
    fetched = here.fetched
    assert {address: names for address, content in fetched.downloads.items() if (names := names_in(plantation, content))} == {}
    assert fetched.disguised == []
    endpoints = {here.endpoint(address) for address in fetched.downloads}
    assert endpoints <= {
        "program.healthz", "accounts.still_here", "cases.epoch", "meetings.epoch", "statistics.bundle", "importing.template", "static", ""
    }, endpoints  # fmt: skip
    several = {
        address: states
        for address, content in fetched.pages.items()
        if len(states := {plantation.planted[word].state for word in plantation.found_in(content)}) > 1
        and here.endpoint(address) not in ABOUT_SEVERAL
    }
    assert several == {}
    if login == "karin":
        assert any(plantation.found_in(content) for content in fetched.pages.values()), "the words are there to be found"
        assert len(fetched.pages) > 100
        assert {"cases.notes", "rights.sheet", "rights.new_extract", "consent.paper"} <= {here.endpoint(one) for one in fetched.pages}
    if login in ("stellan", "ulla"):
        bundles = [content for address, content in fetched.downloads.items() if here.endpoint(address) == "statistics.bundle"]
        assert any(zipfile.is_zipfile(io.BytesIO(content)) for content in bundles), "the released quarter was fetched"


def test_the_detector_finds_a_name_in_an_archive_within_an_archive(plantation: Plantation) -> None:
    word = next(iter(plantation.planted))
    inner, outer = io.BytesIO(), io.BytesIO()
    with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("sheet1.xml", f"<t>{word}</t>")
    with zipfile.ZipFile(outer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("tabeller.xlsx", inner.getvalue())
    assert word.encode() not in outer.getvalue()
    assert names_in(plantation, outer.getvalue()) == {word}
