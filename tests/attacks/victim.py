"""A person at a browser while the database is being changed: what they see, what the log then says, whether the log still verifies."""

import json
import re
from dataclasses import dataclass
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from caseapp import audit
from caseapp.audit import AuditEntry
from caseapp.audit.chain import detail_place
from caseapp.db import bound_database, transaction
from tests.conftest import client_of
from tests.municipality import Codes, sign_in
from tests.planted_texts import Plantation

UNREADABLE = "Kan inte läsas"
#: The pages of one case that are read, not filled in.
OF_A_CASE = ("", "/notes", "/participants", "/documents", "/consent", "/plan", "/mapping", "/follow-up", "/history")


@dataclass(frozen=True)
class Answer:
    """What a page answered: its status, what a reader sees, its bytes."""

    path: str
    status: int
    says: str
    content: bytes


class Victim:
    """Somebody signed in. Every answer is looked at: none is an error of the program."""

    def __init__(self, app: Flask, plantation: Plantation, codes: Codes, login: str) -> None:
        self.login, self._plantation = login, plantation
        self.browser = sign_in(client_of(app), plantation.municipality[login], codes)

    def goes_to(self, path: str) -> Answer:
        """The page at this address."""
        return self._seen(self.browser.get(path, follow_redirects=True))

    def sends(self, fields: dict[str, Any], *, on: str) -> Answer:
        """The answer to the form on this page, filled in so."""
        return self._seen(self.browser.submit(fields, on=on))

    def sends_anyway(self, path: str, fields: dict[str, Any], *, token_from: str) -> Answer:
        """The answer to a form sent from hand to this address, with the token of another page."""
        self.browser.get(token_from, follow_redirects=True)
        assert self.browser.page is not None
        tokens = [field.get("value", "") for field in self.browser.page.all("input") if field.get("name") == "csrf_token"]
        return self._seen(self.browser.post(path, data=fields | {"csrf_token": tokens[0]}, follow_redirects=True))

    def looks_everywhere(self, case_id: str) -> set[str]:
        """The planted words that this person gets from all pages and files of a case, the lists, and the first page."""
        paths = [*(f"/cases/{case_id}{page}" for page in OF_A_CASE), "/", "/cases", "/meetings"]
        pages = [self.goes_to(path).content for path in paths]
        files = {link for page in pages for link in re.findall(rf'href="(/cases/{case_id}/documents/[0-9a-f-]{{36}})"', page.decode())}
        pages += [self.goes_to(path).content for path in sorted(files)]
        return set().union(*(self._plantation.found_in(page) for page in pages))

    def _seen(self, answer: TestResponse) -> Answer:
        assert answer.status_code < 500, f"{self.login} at {answer.request.path}: {answer.status_code}"
        page = self.browser.page
        says = page.text() if page is not None and answer.mimetype == "text/html" else ""
        assert "Traceback" not in answer.text
        return Answer(answer.request.path, answer.status_code, says, answer.get_data())


@dataclass(frozen=True)
class Incident:
    """An entry of the log about something damaged: which rows (table, id), and how the work was decided."""

    decision: str
    rows: frozenset[tuple[str, str]]


def incidents() -> list[Incident]:
    """What the log says of damage, in the order it was met."""
    found = []
    sealer = bound_database().keyholder.purpose_sealer("audit")
    with transaction(reading=True) as current:
        for entry in current.query(AuditEntry).order_by(AuditEntry.sequence):
            detail = json.loads(sealer.open(entry.detail_sealed, detail_place(entry.sequence)))
            if "damaged" in detail:
                found.append(Incident(entry.decision, frozenset((table, row_id) for table, row_id in detail["damaged"])))
    return found


def verified() -> list[str]:
    """What `audit verify` finds wrong, in its own words."""
    with transaction(reading=True) as current:
        _count, findings = audit.verify(current, bound_database().keyholder)
    return [finding.message for finding in findings]
