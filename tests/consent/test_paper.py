"""The form on paper: what the family is asked, in both languages, from the same data; and where the signed paper lies."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest

from caseapp.access import Actor
from caseapp.cases import consenting
from caseapp.formats import clock, date_words
from tests.municipality import Municipality
from tests.pages import Page, PageClient

Browsers = Callable[[str], PageClient]


@pytest.fixture
def asked(case_id: str, actor: Callable[[str], Actor], municipality: Municipality) -> str:
    """A consent that waits for signatures: school and leisure, attendance and plan; leisure not attendance."""
    leisure = municipality.agencies["leisure"]
    return consenting.ask_for_consent(
        actor("karin"),
        case_id,
        agency_ids=[municipality.agencies["school"], leisure],
        types=["attendance", "plan"],
        without=[(leisure, "attendance")],
        valid_from=clock.today(),
        valid_to=clock.today() + timedelta(days=200),
        purpose="sspf_cooperation",
        informed_on=clock.today(),
        informed_by="Karin Hellberg",
    )


def _sheet(browser: PageClient, case_id: str, consent_id: str, language: str) -> str:
    answer = browser.get(f"/cases/{case_id}/consent/{consent_id}/paper?language={language}")
    assert answer.status_code == 200
    html = answer.get_data(as_text=True)
    assert f'<article class="sheet" lang="{language}"' in html
    return Page(html[html.index("<article") : html.index("</article>")]).text()


def signed_html(signed_in: Browsers, case_id: str, consent_id: str) -> str:
    """The page as karin's browser gets it."""
    return signed_in("karin").get(f"/cases/{case_id}/consent/{consent_id}/paper").get_data(as_text=True)


def test_the_paper_says_who_shares_what_for_how_long_and_that_it_can_be_withdrawn(case_id: str, asked: str, signed_in: Browsers) -> None:
    sheet = _sheet(signed_in("karin"), case_id, asked, "sv")
    last = date_words(clock.today() + timedelta(days=200), lang="sv").replace("\xa0", " ")
    for words in ("Alva Lind", "Mona Lind", "Ekskolan", "Fritidsgården Kvarnen", last, "återkalla", "Ja, jag samtycker", "Karin Hellberg"):
        assert words in sheet
    assert "Lokalpolisen" not in sheet
    shared = re.findall(r"<li><strong>(.*?)</strong>.*?: (.*?)</li>", signed_html(signed_in, case_id, asked))
    assert shared == [
        ("Socialtjänsten (samordnar arbetet), Ekskolan", "namn och identitet, skolnärvaro, åtagandeplanen"),
        ("Fritidsgården Kvarnen", "namn och identitet, åtagandeplanen"),
    ]


def test_the_same_paper_in_english_while_the_page_around_it_stays_swedish(case_id: str, asked: str, signed_in: Browsers) -> None:
    karin = signed_in("karin")
    sheet = _sheet(karin, case_id, asked, "en")
    for words in ("Alva Lind", "Ekskolan", "withdraw", "custodian"):
        assert words in sheet
    for words in ("samtycker", "vårdnadshavare", "återkalla"):
        assert words not in sheet
    assert "Blankett för samtycke" in Page(karin.get(f"/cases/{case_id}/consent/{asked}/paper?language=en").get_data(as_text=True)).text()


def test_an_unknown_language_is_swedish(case_id: str, asked: str, signed_in: Browsers) -> None:
    answer = signed_in("karin").get(f"/cases/{case_id}/consent/{asked}/paper?language=xx")
    assert 'class="sheet" lang="sv"' in answer.get_data(as_text=True)


def test_only_the_coordinator_prints_it_and_the_log_says_print(case_id: str, asked: str, signed_in: Browsers) -> None:
    path = f"/cases/{case_id}/consent/{asked}/paper"
    for login in ("lena", "pontus", "ulla", "rasmus", "admin"):
        assert signed_in(login).get(path).status_code in (403, 404), login
    karin = signed_in("karin")
    karin.get(path)
    assert "Skrivit ut" in Page(karin.get(f"/cases/{case_id}/history").get_data(as_text=True)).text()


def test_where_the_signed_paper_lies_is_registered_with_the_answers(
    case_id: str, asked: str, signed_in: Browsers, actor: Callable[[str], Actor]
) -> None:
    karin = signed_in("karin")
    karin.submit({"paper_reference": "Skåp 3, pärm 12"}, on=f"/cases/{case_id}/consent/{asked}/answers")
    page = consenting.read_consent(actor("karin"), case_id)
    assert next(one for one in page.consents if one.id == asked).paper_reference == "Skåp 3, pärm 12"
