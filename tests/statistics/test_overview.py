"""The five questions, answered by what was released and by nothing else."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from caseapp.access import Actor, Refused
from caseapp.formats import Quarter
from caseapp.statistics import actions
from caseapp.statistics.bundle import read_release, unpack
from caseapp.statistics.overview import Overview, overview
from tests.pages import PageClient

Acting = Callable[[str], Actor]
SignedIn = Callable[[str], PageClient]
QUESTIONS = (
    "Vilka är våra målgrupper?",
    "Vilka insatser används?",
    "Vad blev resultatet?",
    "Svarar insatserna mot behoven?",
    "Hur upplevs insatserna?",
)


@pytest.fixture
def stage() -> str:
    """The second quarter of 2026 waits for a decision."""
    return "prepared"


@pytest.fixture
def release_id(ulla: Actor) -> str:
    """That release, approved."""
    waiting = actions.list_releases(ulla).waiting
    assert waiting is not None
    actions.approve(ulla, waiting.id, sha256=waiting.sha256)
    return waiting.id


def shown(page: Overview) -> list[object]:
    """Every number on the page."""
    pictures = [picture for answer in page.answers for picture in answer.pictures]
    lines = [value for line in page.counts for value in line.values if value is not None]
    return [value for picture in pictures for _, value in picture.rows] + [picture.total for picture in pictures] + lines


def test_a_release_that_waits_is_not_on_the_page(stellan: Actor) -> None:
    page = overview(stellan)
    assert (page.quarter, page.quarters, page.answers) == (None, (), ())


def test_the_five_questions_stand_in_order_with_pictures_from_the_released_bytes(stellan: Actor, release_id: str) -> None:
    page = overview(stellan)
    assert tuple(answer.words for answer in page.answers) == QUESTIONS
    assert page.quarters == (page.quarter,) == (Quarter(2026, 2),)
    tables = {table.id: table for table in read_release(unpack(actions.bundle(stellan, release_id).archive)).tables}
    by_age = next(picture for picture in page.answers[0].pictures if picture.words == "Pågående, efter ålder")
    counts = {dict(codes).get("age", "Total"): n for codes, n in tables["A2"].counts.items() if "sex" not in dict(codes)}
    expected = ["X" if number is None else number for age, number in counts.items() if age != "Total"]
    assert [number for _, number in by_age.rows] == expected
    assert by_age.rows[0][0] in ("Under 12 år", "Under 15 år")


def test_no_small_number_is_on_the_page(stellan: Actor, release_id: str) -> None:
    values = shown(overview(stellan))
    assert "X" in values
    assert not {1, 2, 3, 4} & set(values)
    assert len(values) > 60


def test_the_lines_have_a_value_for_each_quarter(stellan: Actor, release_id: str) -> None:
    page = overview(stellan, "2031Q1")  # not released: the newest
    assert page.quarter == Quarter(2026, 2)
    assert {len(line.values) for line in (*page.counts, *page.shares)} == {1}
    first = [line.words for line in page.counts][:3]
    assert first == ["Inledda under kvartalet", "Avslutade under kvartalet", "Pågående vid kvartalets slut"]


def test_only_whoever_reads_statistics_reads_the_page(actor: Acting, release_id: str) -> None:
    for login in ("karin", "lena", "admin"):
        with pytest.raises(Refused):
            overview(actor(login))


def test_the_page_says_each_number_beside_its_picture(signed_in: SignedIn, release_id: str) -> None:
    ulla = signed_in("ulla")
    ulla.get("/statistics")
    assert ulla.page is not None
    assert "Uppföljningens fem frågor" in ulla.page.text()
    for address in ("/statistics/follow-up", "/statistics/follow-up?quarter=2026Q2", "/statistics/follow-up?quarter=%00x"):
        answer = ulla.get(address)
        assert answer.status_code == 200
        words = ulla.page.text()
        assert all(question in words for question in QUESTIONS)
        assert "Andelar och medianer" in words
        assert "<svg" in answer.text
        assert "style=" not in answer.text


def test_before_the_first_release_the_page_says_what_to_wait_for(signed_in: SignedIn) -> None:
    stellan = signed_in("stellan")
    stellan.get("/statistics/follow-up")
    assert stellan.page is not None
    assert "Inget kvartal är utgivet än" in stellan.page.text()
