"""The pages of follow-up: what is asked, what stands beside, what is kept, and what others see of it."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

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


def text_of_html(html: str) -> str:
    return Page(html).text()


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


def test_last_time_s_answers_stand_beside_each_question_and_none_is_filled_in(case_id: str, signed_in: Browsers, actor: Actors) -> None:
    seen = before(responsivity=("npf",), instrument="savry", attendance="a50", occupation="compulsory", text="Behöver lugn")
    followup.save_measure(actor("karin"), case_id, seen)
    page = signed_in("karin").get(f"/cases/{case_id}/follow-up/new/during")
    html, shown = page.get_data(as_text=True), text_of(page)
    values = form_values(Page(html).forms()[0])
    for name, told in (
        ("need_school", "Stort eller akut behov"),
        ("need_peers", "inte besvarat"),
        ("risk", "Hög"),
        ("protective", "Motivation till förändring"),
        ("responsivity", "NPF/kognitiva svårigheter"),
        ("instrument", "SAVRY"),
        ("instrument_level", "inte besvarat"),
        ("attendance", "50-69 %"),
        ("occupation", "Grundskola"),
    ):
        hint = re.search(rf'id="{name}-hint">([^<]*Förra gången[^<]*)<', html)
        assert hint is not None, name
        assert hint[1].endswith(told), name
        assert values[name] in ([], [""]), name
    assert "Behöver lugn" in shown.split("Bedömningen förra gången")[1]
    assert values["text"] == [""]


def test_what_the_levels_mean_is_in_reach_where_they_are_asked_and_read(case_id: str, signed_in: Browsers, actor: Actors) -> None:
    followup.save_measure(actor("karin"), case_id, before())
    followup.save_measure(actor("karin"), case_id, before(phase="during"))
    karin = signed_in("karin")
    for path in ("mapping", "mapping/edit", "follow-up/new/during", "follow-up"):
        shown = text_of(karin.get(f"/cases/{case_id}/{path}"))
        for words in ("Vad betyder nivåerna?", "Det räknas aldrig som inget behov.", "Stöd behövs genast."):
            assert words in shown, path


def rows_of(html: str, caption: str) -> dict[str, list[str]]:
    """The body of the table with this caption: head of the row → its cells as text."""
    table = next(part for part in html.split("<table")[1:] if caption in part.split("</caption>")[0]).split("</table>")[0]
    rows = [re.split(r"<t[hd][^>]*>", row)[1:] for row in table.split("<tbody>")[1].split("<tr")[1:]]
    cells = [[Page(f"<body>{cell}</body>").text() for cell in row] for row in rows]
    return {row[0]: row[1:] for row in cells}


def test_all_measures_stand_in_one_table_and_what_is_missing_is_said_to_be(case_id: str, signed_in: Browsers, actor: Actors) -> None:
    karin, today = actor("karin"), clock.today()
    for phase, days, needs, risk in (
        ("before", 90, {"school": "3", "peers": "9"}, "high"),
        ("during", 40, {"school": "2"}, ""),
        ("after", 0, {"school": "0", "leisure": "1"}, "low"),
    ):
        followup.save_measure(karin, case_id, Seen(phase, today - timedelta(days), needs, risk=risk))
    html = signed_in("karin").get(f"/cases/{case_id}/follow-up").get_data(as_text=True)
    assert {head: cells for head, cells in rows_of(html, "Behov över tid").items() if head not in ("Instrument", "Närvaro i skolan")} == {
        "Umgänge och kamrater": ["Okänt", "saknas", "saknas"],
        "Skola": ["Stort eller akut behov", "Tydligt behov", "Inget behov"],
        "Fritid": ["saknas", "saknas", "Visst behov"],
        "Sammanvägd risknivå": ["Hög", "saknas", "Låg"],
    }
    pairs = {head: cells[1:] for head, cells in rows_of(html, "Behov före och efter").items()}
    assert pairs == {
        "Umgänge och kamrater": ["Okänt", "saknas", "Kan inte jämföras"],
        "Skola": ["Stort eller akut behov", "Inget behov", "Mindre behov"],
        "Fritid": ["saknas", "Visst behov", "Kan inte jämföras"],
    }
    assert "Om det var insatserna som gjorde skillnad." in text_of_html(html)


def test_what_is_not_for_the_reader_is_not_said_to_be_missing(case_id: str, signed_in: Browsers, actor: Actors) -> None:
    for phase, level in (("before", "3"), ("during", "1")):
        followup.save_measure(actor("karin"), case_id, Seen(phase, clock.today(), {"school": "2", "substance": level}))
    html = signed_in("lena").get(f"/cases/{case_id}/follow-up").get_data(as_text=True)
    for caption in ("Behov över tid", "Behov före och efter"):
        cells = rows_of(html, caption)["Alkohol och droger (ANDTS)"]
        assert any("Samtycket omfattar inte" in cell for cell in cells)
        assert "saknas" not in cells
        assert "Stort eller akut behov" not in cells


def test_the_picture_carries_no_style_and_each_way_has_a_shape_of_its_own(case_id: str, signed_in: Browsers, actor: Actors) -> None:
    followup.save_measure(actor("karin"), case_id, Seen("before", clock.today(), {"school": "3", "peers": "1", "family": "2", "work": "1"}))
    followup.save_measure(actor("karin"), case_id, Seen("after", clock.today(), {"school": "1", "peers": "2", "family": "2"}))
    html = signed_in("karin").get(f"/cases/{case_id}/follow-up").get_data(as_text=True)
    drawn = re.findall(r'<svg class="change-row change-(\w+)".*?</svg>', html, re.DOTALL)
    assert sorted(drawn) == ["less", "more", "none", "same"]
    parts = {way: re.search(rf'<svg class="change-row change-{way}".*?</svg>', html, re.DOTALL)[0] for way in drawn}  # type: ignore[index]
    heads = {way: re.search(r'class="change-head" d="([^"]+)"', part) for way, part in parts.items()}
    assert heads["less"] is not None
    assert heads["more"] is not None
    assert heads["less"][1] != heads["more"][1]
    assert heads["same"] is heads["none"] is None
    assert ("change-to" in parts["same"], "change-to" in parts["none"]) == (True, False)
    assert "style=" not in "".join(parts.values())


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
    for words in ("sparat nu: Deras", "du skrev: Min text", "sparat nu: Låg", "du skrev: Hög", "Umgänge och kamrater – sparat nu: –"):
        assert words in text_of(late)
    assert course(actor("karin"), case_id).measures[0].text == "Deras"
    karin.submit()
    assert course(actor("karin"), case_id).measures[0].text == "Min text"


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
