"""The pages of follow-up: what is asked, what stands beside, what is kept, and what others see of it."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from caseapp.access import Actor
from caseapp.followup import actions as followup
from caseapp.followup.actions import Seen
from caseapp.formats import clock
from caseapp.plans import actions as plans
from tests.pages import Page, PageClient, form_values

Actors = Callable[[str], Actor]
Browsers = Callable[[str], PageClient]


def text_of(answer: object) -> str:
    return Page(answer.get_data(as_text=True)).text()  # type: ignore[attr-defined]


def before(**answers: object) -> Seen:
    seen = Seen("before", clock.today(), needs={"school": "3", "substance": "2"}, risk="high", protective=("motivation",))
    return replace(seen, **answers)


def course(actor: Actor, case_id: str) -> followup.Course:
    return followup.read_followup(actor, case_id).course


def test_a_mapping_is_one_page_and_what_is_skipped_stays_unanswered(case_id: str, signed_in: Browsers, actor: Actors) -> None:
    karin = signed_in("karin")
    answers = {"need_school": "3", "need_leisure": "9", "risk": "medium", "youth_view": "Jag vill spela fotboll"}
    shown = text_of(karin.submit(answers, on=f"/cases/{case_id}/mapping/edit"))
    for words in ("Stort eller akut behov", "Okänt", "Inte besvarat: Normbrytande", "Jag vill spela fotboll"):
        assert words in shown
    assert course(actor("karin"), case_id).measures[0].needs == {"school": "3", "leisure": "9"}


def test_last_time_s_needs_stand_beside_and_are_never_filled_in(case_id: str, signed_in: Browsers, actor: Actors) -> None:
    followup.save_measure(actor("karin"), case_id, before())
    page = signed_in("karin").get(f"/cases/{case_id}/follow-up/new/during")
    assert "Stort eller akut behov" in text_of(page).split("Förra gången")[1]
    values = form_values(Page(page.get_data(as_text=True)).forms()[0])
    assert (values["need_school"], values["risk"]) == ([], [])
    assert values["protective"] == ["motivation"]


def test_the_after_form_asks_how_far_each_goal_was_reached(case_id: str, signed_in: Browsers, actor: Actors) -> None:
    karin = actor("karin")
    goal = plans.write_goal(karin, case_id, domain="school", text="Närvaro minst 80 %")
    followup.save_measure(karin, case_id, before())
    answers = {f"goal_{goal}": "partly", "need_school": "1", "change_school": "better", "guardian_is_helped_us": "4"}
    shown = text_of(signed_in("karin").submit(answers, on=f"/cases/{case_id}/follow-up/new/after"))
    for words in ("Mindre behov", "Delvis uppnått", "Något bättre", "Stödet har hjälpt oss som föräldrar"):
        assert words in shown


def test_school_sees_the_mapping_and_that_the_drugs_are_not_for_them(case_id: str, signed_in: Browsers, actor: Actors) -> None:
    followup.save_measure(actor("karin"), case_id, before(text="BEDÖMNINGEN"))
    shown = signed_in("lena").get(f"/cases/{case_id}/mapping")
    assert "BEDÖMNINGEN" in text_of(shown)
    assert "Alkohol och droger (ANDTS)Samtycket omfattar inte" in text_of(shown)
    police = signed_in("pontus").get(f"/cases/{case_id}/mapping")
    assert "BEDÖMNINGEN" not in text_of(police)
    assert "Socialtjänsten: 1 bedömning" in text_of(police)


def test_a_form_that_came_too_late_shows_both_and_keeps_everything_typed(case_id: str, signed_in: Browsers, actor: Actors) -> None:
    measure = followup.save_measure(actor("karin"), case_id, before(text="Första"))
    karin = signed_in("karin")
    karin.get(f"/cases/{case_id}/mapping/edit")
    followup.save_measure(actor("karin"), case_id, before(text="Deras", risk="low"), measure_id=measure)
    late = karin.submit({"text": "Min text", "need_peers": "1"})
    assert late.status_code == 409
    told = ("[bara i det sparade: Deras]", "[bara hos dig: Min text]", "sparat nu: Låg", "du skrev: Hög")
    for words in (*told, "Umgänge och kamrater – sparat nu: –"):
        assert words in text_of(late)
    assert course(actor("karin"), case_id).measures[0].text == "Deras"
    karin.submit()
    assert course(actor("karin"), case_id).measures[0].text == "Deras\nMin text", "the form proposed both"


def test_the_same_measure_sent_twice_is_saved_once(case_id: str, signed_in: Browsers, actor: Actors) -> None:
    karin = signed_in("karin")
    address = f"/cases/{case_id}/follow-up/new/during"
    values = form_values(Page(karin.get(address).get_data(as_text=True)).forms()[0]) | {"need_school": ["2"]}
    assert [karin.post(address, data=values).status_code for _ in range(2)] == [303, 303]
    assert len(course(actor("karin"), case_id).measures) == 1


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"measured_on": ""}, "Skriv vilken dag bedömningen gäller."),
        ({"measured_on": "2099-01-01"}, "Datumet ligger i framtiden."),
        ({"measured_on": "30 februari"}, "Det datumet finns inte."),
        ({"need_school": "7"}, "Välj ett av alternativen."),
        ({"responsivity": ["none", "npf"]}, "Välj antingen"),
        ({"text": "x" * 10_001}, "10 000"),
        ({"youth_view": "a\x00b"}, "tecken"),
    ],
)
def test_a_wrong_answer_gets_a_sentence_and_nothing_is_saved(
    case_id: str, signed_in: Browsers, actor: Actors, typed: dict[str, object], sentence: str
) -> None:
    answers = {"guardian_view": "Något att behålla 😀"} | typed
    again = signed_in("karin").submit(answers, on=f"/cases/{case_id}/mapping/edit")
    assert again.status_code == 422
    assert sentence in text_of(again)
    assert "Något att behålla 😀" in again.get_data(as_text=True)
    assert course(actor("karin"), case_id).measures == ()


def test_a_participant_reads_the_course_and_is_offered_no_form(case_id: str, signed_in: Browsers, actor: Actors) -> None:
    measure = followup.save_measure(actor("karin"), case_id, before())
    lena = signed_in("lena")
    assert "/follow-up/new/" not in lena.get(f"/cases/{case_id}/follow-up").get_data(as_text=True)
    for path in ("mapping/edit", "follow-up/new/during", f"follow-up/{measure}"):
        assert lena.get(f"/cases/{case_id}/{path}").status_code in (403, 404)
