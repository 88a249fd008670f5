"""The pages of statistics, as the statistician and the unit manager meet them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from caseapp.access import Actor
from caseapp.accounts.places import set_municipality
from caseapp.statistics import actions
from caseapp.statistics.ledger import ReleaseCard
from caseapp.statistics.preparing import prepare
from tests.municipality import Codes, Municipality
from tests.pages import PageClient

SignedIn = Callable[[str], PageClient]


@pytest.fixture
def stage() -> str:
    """The second quarter of 2026 waits for a decision."""
    return "prepared"


@pytest.fixture
def waiting(ulla: Actor) -> ReleaseCard:
    """The release that waits."""
    found = actions.list_releases(ulla).waiting
    assert found is not None
    return found


def words(client: PageClient) -> str:
    """Everything the page says."""
    assert client.page is not None
    return client.page.text()


def test_the_list_says_what_comes_next_and_for_whom(signed_in: SignedIn, waiting: ReleaseCard) -> None:
    ulla, stellan = signed_in("ulla"), signed_in("stellan")
    ulla.get("/statistics")
    assert "Kvartal 2 2026 är förberett av Stellan Öberg" in words(ulla)
    stellan.get("/statistics")
    assert "väntar på att en enhetschef granskar och godkänner" in words(stellan)


def test_the_page_of_a_release_offers_each_their_own_part(signed_in: SignedIn, waiting: ReleaseCard) -> None:
    address = f"/statistics/releases/{waiting.id}"
    ulla, stellan = signed_in("ulla"), signed_in("stellan")
    assert ulla.get(address).status_code == stellan.get(address).status_code == 200
    assert waiting.sha256 in words(ulla)
    assert "Godkänn utgåvan" in words(ulla)
    assert "Dra tillbaka" not in words(ulla)
    assert "Godkänn utgåvan" not in words(stellan)
    assert "Dra tillbaka" in words(stellan)


def test_somebody_who_signed_in_long_ago_gives_a_code_first_and_comes_back_to_the_page(
    signed_in: SignedIn, waiting: ReleaseCard, municipality: Municipality, codes: Codes, monkeypatch: pytest.MonkeyPatch
) -> None:
    ulla = signed_in("ulla")
    monkeypatch.setattr("caseapp.accounts.signed_in.fresh_proof", lambda _actor, _at: False)
    address = f"/statistics/releases/{waiting.id}"
    ulla.submit({"sha256": waiting.sha256}, on=address)
    assert ulla.address == "/prove"
    monkeypatch.undo()
    answer = ulla.submit({"code": codes.next(municipality["ulla"])})
    assert answer.request.path == address
    ulla.submit({"sha256": waiting.sha256})
    assert "Godkänd" in words(ulla)


def test_an_approved_release_is_fetched_as_a_file_that_no_cache_keeps(signed_in: SignedIn, waiting: ReleaseCard) -> None:
    ulla = signed_in("ulla")
    before = ulla.get(f"/statistics/releases/{waiting.id}/bundle")
    assert before.status_code in (403, 404)
    ulla.submit({"sha256": waiting.sha256}, on=f"/statistics/releases/{waiting.id}")
    fetched = ulla.get(f"/statistics/releases/{waiting.id}/bundle")
    assert fetched.headers["Content-Disposition"] == "attachment; filename=0000-2026Q2-r1.zip"
    assert fetched.headers["Cache-Control"] == "no-store"
    assert fetched.data.startswith(b"PK")


def test_turning_down_asks_why_and_says_it_to_the_one_who_prepared(signed_in: SignedIn, waiting: ReleaseCard) -> None:
    ulla, stellan = signed_in("ulla"), signed_in("stellan")
    address = f"/statistics/releases/{waiting.id}"
    assert ulla.submit({"reason": ""}, on=address).status_code == 422
    assert "Skriv varför" in words(ulla)
    ulla.submit({"reason": "Fel team räknades med"}, on=address)
    stellan.get(address)
    assert "Fel team räknades med" in words(stellan)
    assert "Innehållet är borta" in words(stellan)


def test_the_statistician_takes_it_back_and_may_begin_anew(signed_in: SignedIn, waiting: ReleaseCard) -> None:
    stellan = signed_in("stellan")
    stellan.submit(on=f"/statistics/releases/{waiting.id}", action=f"/statistics/releases/{waiting.id}/withdraw")
    assert "tillbakadragen" in words(stellan)
    assert stellan.submit({"quarter": ""}).status_code == 422
    assert "Välj ett kvartal." in words(stellan)


def test_a_coordinator_has_no_statistics(signed_in: SignedIn, waiting: ReleaseCard) -> None:
    karin = signed_in("karin")
    for address in ("/statistics", f"/statistics/releases/{waiting.id}", f"/statistics/releases/{waiting.id}/bundle"):
        assert karin.get(address).status_code == 403


def test_the_page_says_how_much_is_hidden_that_need_not_be(
    signed_in: SignedIn, waiting: ReleaseCard, actor: Callable[[str], Actor]
) -> None:
    stellan = signed_in("stellan")
    stellan.get(f"/statistics/releases/{waiting.id}")
    assert "hade kunnat visas" not in words(stellan), "nobody looked into it"
    actions.withdraw(actor("stellan"), waiting.id)
    set_municipality(actor("admin"), search_seconds=3.0)
    made = prepare(actor("stellan"), "2026Q2")
    stellan.get(f"/statistics/releases/{made}")
    assert ("hade kunnat visas" in words(stellan)) != ("Det är bevisat" in words(stellan))
