"""Preparing a quarter as it is met on pages: how far it has come, a way out, and what went wrong in a sentence; never a server error."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from flask import Flask

from caseapp import codelists
from caseapp.access import Actor
from caseapp.db import transaction
from caseapp.statistics import actions, releases
from caseapp.statistics.models import APPROVED, Release
from caseapp.statistics.plan import read_plan
from caseapp.statistics.releases import digest
from tests.pages import PageClient

SignedIn = Callable[[str], PageClient]
WRITTEN = yaml.safe_load((Path(codelists.__file__).parent / "tables_2026_2.yaml").read_text("utf-8"))


def words(client: PageClient) -> str:
    """Everything the page says."""
    assert client.page is not None
    return client.page.text()


@pytest.fixture
def later(app: Flask) -> list[Callable[[], None]]:
    """Work that was set going and is not carried out yet."""
    waiting: list[Callable[[], None]] = []
    app.extensions["caseapp.runner"] = waiting.append
    return waiting


# -- while it goes on -------------------------------------------------------------------------------------------------


def test_the_page_says_how_far_it_has_come_and_the_statistician_calls_it_off(
    signed_in: SignedIn, later: list[Callable[[], None]]
) -> None:
    stellan, ulla = signed_in("stellan"), signed_in("ulla")
    stellan.submit({"quarter": "2026Q2"}, on="/statistics")
    address = stellan.address
    assert address.startswith("/statistics/preparations/")
    assert "Läser de kodade svaren" in words(stellan)
    step = stellan.get(f"{address}/step")
    assert step.json == {"goes_on": True, "said": "Läser de kodade svaren", "done": 0, "whole": 50}
    ulla.get("/statistics")
    assert "Kvartal 2 2026 förbereds sedan" in words(ulla)
    ulla.get(address)
    assert "Avbryt arbetet" not in words(ulla)
    assert ulla.post(f"{address}/cancel", data={"csrf_token": _token(ulla)}).status_code == 403
    stellan.submit(on=address, action=f"{address}/cancel")
    assert "Arbetet är avbrutet. Ingenting har sparats." in words(stellan)
    later[0]()
    assert stellan.get(f"{address}/step").json["goes_on"] is False
    stellan.get("/statistics")
    assert "Inget kvartal är redovisat än" in words(stellan)


def test_the_page_turns_into_the_release_when_the_work_is_done(
    signed_in: SignedIn, later: list[Callable[[], None]], stellan: Actor
) -> None:
    client = signed_in("stellan")
    client.submit({"quarter": "2026Q2"}, on="/statistics")
    address = client.address
    later[0]()
    client.get(address, follow_redirects=True)
    assert "Nu ska en enhetschef granska och godkänna dem" in words(client)
    assert "Väntar på godkännande" in words(client)


@pytest.mark.parametrize("login", ["karin", "admin"])
def test_others_learn_nothing_of_it(signed_in: SignedIn, later: list[Callable[[], None]], login: str) -> None:
    stellan, other = signed_in("stellan"), signed_in(login)
    stellan.submit({"quarter": "2026Q2"}, on="/statistics")
    for address in (stellan.address, f"{stellan.address}/step"):
        assert other.get(address).status_code == 403


def _token(client: PageClient) -> str:
    assert client.page is not None
    return next(one.get("value", "") for one in client.page.root.iter("input") if one.get("name") == "csrf_token")


# -- what goes wrong --------------------------------------------------------------------------------------------------


def tried(client: PageClient, quarter: str) -> str:
    """What the page says after this quarter was asked for; the list says so too, and nothing waits."""
    client.submit({"quarter": quarter}, on="/statistics", action="/statistics/prepare")
    said = words(client)
    assert "Det blev ingen utgåva" in said
    assert "Ingenting har sparats" in said
    client.get("/statistics")
    assert "blev inte förberett" in words(client)
    assert "Granska tabellerna" not in words(client)
    return said


def planned(**changed: Any) -> Callable[[], Any]:
    """The newest plan with something else written in it."""
    return lambda: read_plan({**WRITTEN, **changed})


UNKNOWN_KIND = {
    "populations": {**WRITTEN["populations"], "cars": ["parked"]},
    "flows": {**WRITTEN["flows"], "parked": {"sv": "Parkerade", "en": "Parked"}},
    "tables": {**WRITTEN["tables"], "B1": {"unit": "cars", "flows": ["parked"], "by": ["sex"], "sv": "Bilar", "en": "Cars"}},
}
TWO_IN_ONE_TABLE = {"tables": {**WRITTEN["tables"], "A1": {**WRITTEN["tables"]["A1"], "flows": ["opened", "held"]}}}
TWO_IN_ONE_CROSS = {"audit": [*WRITTEN["audit"], {"unit": "meetings", "by": ["meeting"]}]}


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        (UNKNOWN_KIND, "en tabell av ett slag som det inte finns något skydd för. (table B1 counts 'cars'"),
        (TWO_IN_ONE_TABLE, "Tabellplanen säger emot sig själv"),
        (TWO_IN_ONE_CROSS, "Tabellplanen blandar olika slag"),
    ],
)
def test_a_plan_that_cannot_be_protected_is_refused_with_the_reason(
    signed_in: SignedIn, stellan: Actor, monkeypatch: pytest.MonkeyPatch, changed: dict[str, Any], sentence: str
) -> None:
    monkeypatch.setattr(releases, "table_plan", planned(**changed))
    assert sentence in tried(signed_in("stellan"), "2026Q2")
    assert actions.list_releases(stellan).releases == ()


@pytest.fixture
def approved(stage: str, stellan: Actor, ulla: Actor) -> Release:
    """The second quarter of 2026, approved."""
    waiting = actions.list_releases(ulla).waiting
    assert waiting is not None
    actions.approve(ulla, waiting.id, sha256=waiting.sha256)
    with transaction(reading=True) as current:
        return current.get_one(Release, waiting.id)


@pytest.mark.parametrize("stage", ["prepared"])
@pytest.mark.parametrize("how", ["other bytes", "a file in it", "no archive"])
def test_a_damaged_bundle_in_the_ledger_stops_the_next_quarter(signed_in: SignedIn, approved: Release, how: str) -> None:
    with transaction() as current:  # by a fault of the program: the row's own seal is whole
        row = current.get_one(Release, approved.id)
        row.archive = {"other bytes": row.archive + b".", "a file in it": _spoilt(row.archive), "no archive": b""}[how]
        row.sha256 = row.sha256 if how == "other bytes" else digest(row.archive)
        current.commit()
    said = tried(signed_in("stellan"), "2026Q3")
    assert "En tidigare utgåva är skadad, så inget nytt kan prövas mot den." in said
    assert "(0000-2026Q2-r1)" in said


@pytest.mark.parametrize("stage", ["prepared"])
def test_two_releases_that_contradict_each_other_stop_the_next_quarter(signed_in: SignedIn, approved: Release) -> None:
    with transaction() as current:
        other = _one_more(approved.archive)
        current.add(
            Release(
                quarter=approved.quarter, number=2, state=APPROVED, sha256=digest(other), prepared_by_id=approved.prepared_by_id,
                prepared_at=approved.prepared_at, decided_by_id=approved.decided_by_id, decided_at=approved.decided_at,
                about=approved.about | {"label": "0000-2026Q2-r2"}, counts=approved.counts, archive=other,
            )
        )  # fmt: skip
        current.commit()
    assert "Två tidigare utgåvor säger emot varandra" in tried(signed_in("stellan"), "2026Q3")


def _packed(files: dict[str, bytes]) -> bytes:
    to = io.BytesIO()
    with zipfile.ZipFile(to, "w") as archive:
        for path, content in files.items():
            archive.writestr(path, content)
    return to.getvalue()


def _files(packed: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _spoilt(packed: bytes) -> bytes:
    """The archive with one table changed."""
    files = _files(packed)
    return _packed({path: content + b"\n" if path.endswith("A1.csv") else content for path, content in files.items()})


def _one_more(packed: bytes) -> bytes:
    """The archive with one more in the first printed number of table A1, and every hash as it should be."""
    files = _files(packed)
    path = next(path for path in files if path.endswith("tables/A1.csv"))
    lines = files[path].decode().splitlines()
    at = next(number for number, line in enumerate(lines) if line.rpartition(",")[2].isdigit())
    before, _, count = lines[at].rpartition(",")
    lines[at] = f"{before},{int(count) + 1}"
    files[path] = ("\n".join(lines) + "\n").encode()
    about_path = next(path for path in files if path.endswith("release.json"))
    about = json.loads(files[about_path])
    about["sha256"][path.partition("/")[2]] = hashlib.sha256(files[path]).hexdigest()
    files[about_path] = json.dumps(about).encode()
    return _packed(files)
