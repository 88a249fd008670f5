"""The register extract: for one person whose identity was checked, everything the case holds about them and nothing about others."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import text

from caseapp.access import Actor, NotFound, Refused
from caseapp.cases.notes import add_note
from caseapp.cases.starting import NewPerson, NewRelated, start_case
from caseapp.followup.actions import Seen, save_measure
from caseapp.formats import clock, parse_personal_number
from caseapp.plans.actions import add_commitment
from caseapp.plans.versions import Answered, fix_version
from caseapp.rights.actions import (
    ExtractProblem,
    Withholding,
    list_extracts,
    make_extract,
    prepare_extract,
    read_sheet,
)
from caseapp.rights.masking import mask_of
from tests.municipality import Municipality
from tests.pages import Page, PageClient
from tests.small_town import ALL_TYPES, give_consent

Acting = Callable[[str], Actor]
SIGN = Callable[[str], PageClient]
#: Of the tax agency's range of test numbers (serial 238).
NUMBER = "20110415-2382"
SCHOOL_NOTE = "Frånvaron har ökat sedan i november."
HOME_NOTE = "Mona Lind ringde från 070-174 06 36. Monas bror Per Lind vill inte vara med."
REPORTER = "Grannen såg Alva vid stationen och vill inte att någon får veta det."


@pytest.fixture
def case_id(actor: Acting, municipality: Municipality) -> str:
    """A girl of 15 with two custodians and an aunt whose identity is protected; notes of two agencies, a mapping, a commitment."""
    karin, lena = actor("karin"), actor("lena")
    made = start_case(
        karin,
        municipality.teams["norr"],
        person=NewPerson("Alva Lind", "f", parse_personal_number(NUMBER, today=clock.today()), phone="070-174 06 35", address="Ekgatan 4"),
        related=[NewRelated("Mona Lind", phone="070-174 06 36"), NewRelated("Per Lind", phone="070-174 06 37")],
        referral_source="school",
        concerns=["school_absence"],
        participant_ids=[municipality[login].id for login in ("lena", "pontus")],
    )
    add_note(karin, made, information_type="assessment", heading="Samtal", text=HOME_NOTE)
    add_note(lena, made, information_type="attendance", text=SCHOOL_NOTE)
    seen = Seen("before", clock.today(), {"school": "3"}, risk="high", youth_view="Jag vill sova.", guardian_view="Per är trött.")
    save_measure(karin, made, seen)
    add_commitment(karin, made, agency_id=karin.agency_id, text="Ringa på måndag", due_on=clock.today() + timedelta(days=5))
    return made


def extract(karin: Actor, case_id: str, *, asker: str | None = None, withheld: dict[str, Withholding] | None = None) -> str:
    """An extract in which everything was looked at."""
    seen = [item.id for item in prepare_extract(karin, case_id).items]
    how = {"identified_by": "id_document", "identified_how": "Körkort"}
    return make_extract(karin, case_id, asker=asker, withheld=withheld or {}, seen=seen, **how)


def custodian(karin: Actor, case_id: str, name: str) -> str:
    return next(str(one.person_id) for one in prepare_extract(karin, case_id).askers if one.name == name)


def paper(karin: PageClient, case_id: str, extract_id: str) -> str:
    """The words on the paper, the bar and the menu left out."""
    html = karin.get(f"/cases/{case_id}/extracts/{extract_id}").get_data(as_text=True)
    return Page(html[html.index("<article") : html.index("</article>")]).text()


def test_the_extract_tells_how_the_plan_stood_when_it_was_gone_through_and_what_each_said(
    case_id: str, actor: Acting, signed_in: SIGN
) -> None:
    karin = actor("karin")
    mother = custodian(karin, case_id, "Mona Lind")
    answers = [
        Answered(case_id, "agreed", clock.today(), "meeting", "Det blir bra."),
        Answered(mother, "declined", clock.today(), "phone", "Per orkar inte."),
    ]
    fix_version(karin, case_id, answers)
    said = [item for item in prepare_extract(karin, case_id).items if item.kind == "agreement"]
    assert len(said) == 2
    browser = signed_in("karin")
    sheet = paper(browser, case_id, extract(karin, case_id))
    for told in ("Version 1", "Överens om planen", "Det blir bra.", "Ville inte vara med på planen"):
        assert told in sheet
    assert "Per orkar" not in sheet  # another person's name, in what a third one said
    father = custodian(karin, case_id, "Per Lind")
    assert "Ville inte vara med" not in paper(browser, case_id, extract(karin, case_id, asker=father))  # what the other one said
    assert "Ville inte vara med" in paper(browser, case_id, extract(karin, case_id, asker=mother))
    hidden = {one.id: Withholding("osl_26_1", "Rör pappan.") for one in said if not one.card.person.is_young}
    assert "Ville inte vara med" not in paper(browser, case_id, extract(karin, case_id, withheld=hidden))


def test_the_young_person_is_handed_what_the_agency_holds_in_plain_words(case_id: str, actor: Acting, signed_in: SIGN) -> None:
    sheet = paper(signed_in("karin"), case_id, extract(actor("karin"), case_id))
    for held in ("Alva Lind", "201104152382", "070-174 06 35", "Ekgatan 4", "Jag vill sova.", "Ringa på måndag", "Hög"):
        assert held in sheet, held
    for told in ("artikel 15", "år efter den sista anteckningen", "Integritetsskyddsmyndigheten", "Legitimation visades"):
        assert told in sheet, told


def test_what_another_agency_owns_is_named_and_not_shown(case_id: str, actor: Acting, signed_in: SIGN) -> None:
    sheet = paper(signed_in("karin"), case_id, extract(actor("karin"), case_id))
    assert SCHOOL_NOTE not in sheet
    assert "Finns hos andra verksamheter" in sheet
    assert "Ekskolan: skolnärvaro" in sheet


def test_a_consent_lets_the_other_agencys_words_onto_the_paper(
    case_id: str, actor: Acting, signed_in: SIGN, municipality: Municipality
) -> None:
    kinds = (*ALL_TYPES, "attendance")
    scope = {municipality.agencies[one]: kinds for one in ("social_services", "school")}
    give_consent(actor("karin"), case_id, scope, clock.today() + timedelta(days=90))
    assert SCHOOL_NOTE in paper(signed_in("karin"), case_id, extract(actor("karin"), case_id))


def test_other_people_are_masked_for_the_young_person(case_id: str, actor: Acting, signed_in: SIGN) -> None:
    sheet = paper(signed_in("karin"), case_id, extract(actor("karin"), case_id))
    for hidden in ("Mona", "070-174 06 36", "070-174 06 37", "Per "):
        assert hidden not in sheet, hidden
    assert "[annan person] Lind ringde från [annan person]. [annan person] bror [annan person] Lind vill inte vara med." in sheet
    assert "Vårdnadshavare" in sheet


def test_a_custodian_is_told_of_themselves_and_not_of_the_other(case_id: str, actor: Acting, signed_in: SIGN) -> None:
    karin = actor("karin")
    sheet = paper(signed_in("karin"), case_id, extract(karin, case_id, asker=custodian(karin, case_id, "Mona Lind")))
    for own in ("Mona Lind", "070-174 06 36", "Alva Lind"):
        assert own in sheet, own
    for others in ("070-174 06 37", "Per "):
        assert others not in sheet, others


def test_a_withheld_item_is_listed_with_its_paragraph_and_not_shown(case_id: str, actor: Acting, signed_in: SIGN) -> None:
    karin = actor("karin")
    note_id = add_note(karin, case_id, information_type="assessment", heading="Tips", text=REPORTER)
    made = extract(karin, case_id, withheld={note_id: Withholding("osl_26_5", "Anmälaren kan drabbas.")})
    sheet = paper(signed_in("karin"), case_id, made)
    assert "Grannen" not in sheet
    assert "Tips" not in sheet
    assert "Inte utlämnat" in sheet
    assert "26 kap. 5 § OSL" in sheet
    assert "Anmälaren kan drabbas" not in sheet
    (card,) = list_extracts(karin, case_id).extracts
    assert (card.withheld, card.asker.person_id, card.made_on) == (1, None, clock.today())


@pytest.mark.parametrize("spoil", ["DELETE FROM withheld_item", "UPDATE withheld_item SET answers_sealed = reason_sealed"])
def test_what_is_withheld_stays_off_the_paper_whatever_is_done_to_its_row(
    spoil: str, case_id: str, actor: Acting, signed_in: SIGN, app: Flask
) -> None:
    karin = actor("karin")
    note_id = add_note(karin, case_id, information_type="assessment", text=REPORTER)
    made = extract(karin, case_id, withheld={note_id: Withholding("osl_26_5", "Anmälaren kan drabbas.")})
    with app.extensions["caseapp.database"].engine.begin() as connection:
        connection.execute(text(spoil))
    answer = signed_in("karin").get(f"/cases/{case_id}/extracts/{made}")
    assert answer.status_code >= 400
    assert "Grannen" not in answer.text


def test_what_is_recorded_after_the_extract_is_not_on_it(case_id: str, actor: Acting, signed_in: SIGN) -> None:
    karin = actor("karin")
    made = extract(karin, case_id)
    with clock.at(clock.now() + timedelta(minutes=5)):
        add_note(karin, case_id, information_type="assessment", text=REPORTER)
    assert "Grannen" not in paper(signed_in("karin"), case_id, made)


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"asker": "nobody-of-the-case"}, "unknown_asker"),
        ({"identified_by": ""}, "not_identified"),
        ({"identified_by": "looked honest"}, "not_identified"),
        ({"withheld": {"note": Withholding("osl_26_5", " ")}}, "reason_missing"),
        ({"withheld": {"note": Withholding("because", "Skäl")}}, "ground_unknown"),
        ({"withheld": {"of another case": Withholding("osl_26_5", "Skäl")}}, "items_changed"),
        ({"seen": []}, "items_changed"),
    ],
)
def test_an_extract_that_is_not_as_it_must_be_is_not_made(case_id: str, actor: Acting, changed: dict[str, object], code: str) -> None:
    karin = actor("karin")
    items = prepare_extract(karin, case_id).items
    note = next(item.id for item in items if item.kind == "note")
    asked: dict[str, object] = {"asker": None, "identified_by": "e_id", "withheld": {}, "seen": [item.id for item in items]}
    asked |= changed
    if isinstance(asked["withheld"], dict):
        asked["withheld"] = {note if name == "note" else name: why for name, why in asked["withheld"].items()}
    with pytest.raises(ExtractProblem) as problem:
        make_extract(karin, case_id, **asked)  # type: ignore[arg-type]
    assert problem.value.code == code
    assert list_extracts(karin, case_id).extracts == ()


def test_bad_answers_are_refused_in_words_and_what_was_typed_is_kept(case_id: str, signed_in: SIGN, actor: Acting) -> None:
    karin = signed_in("karin")
    note = next(item.id for item in prepare_extract(actor("karin"), case_id).items if item.kind == "note")
    typed = {"identified_how": "Körkort, visat på mottagningen", f"ground_{note}": "osl_26_5"}
    answer = karin.submit(typed, on=f"/cases/{case_id}/extracts/new", action=f"/cases/{case_id}/extracts/new")
    assert answer.status_code == 422
    for sentence in ("Välj vem som begär utdraget", "Välj hur identiteten kontrollerades", "Skriv varför uppgiften inte lämnas ut"):
        assert sentence in answer.text, sentence
    assert "Körkort, visat på mottagningen" in answer.text
    unknown = karin.submit(
        {"asker": "young", "identified_by": "e_id", f"ground_{note}": "", f"reason_{note}": "Rör grannen"},
        action=f"/cases/{case_id}/extracts/new",
    )
    assert unknown.status_code == 422
    assert "Välj vilken bestämmelse" in unknown.text
    assert "Rör grannen" in unknown.text


def test_an_unknown_custodian_is_refused_in_words(case_id: str, signed_in: SIGN) -> None:
    karin = signed_in("karin")
    page = karin.get(f"/cases/{case_id}/extracts/new")
    token = page.text.split('name="csrf_token" value="')[1].split('"')[0]
    answer = karin.post(
        f"/cases/{case_id}/extracts/new",
        data={"csrf_token": token, "asker": "somebody else", "identified_by": "e_id", "language": "sv", "identified_how": "Pass"},
    )
    assert answer.status_code == 422
    assert "Välj ett av alternativen" in answer.text
    assert 'value="Pass"' in answer.text


def test_an_item_that_came_meanwhile_is_looked_at_first(case_id: str, signed_in: SIGN, actor: Acting) -> None:
    karin = signed_in("karin")
    karin.get(f"/cases/{case_id}/extracts/new")
    add_note(actor("karin"), case_id, information_type="assessment", text=REPORTER)
    answer = karin.submit({"asker": "young", "identified_by": "e_id"}, action=f"/cases/{case_id}/extracts/new")
    assert answer.status_code == 422
    assert "Gå igenom listan igen" in answer.text
    assert "Grannen" in answer.text
    done = karin.submit({"asker": "young", "identified_by": "e_id"}, action=f"/cases/{case_id}/extracts/new")
    assert "Utdraget är gjort" in done.text


def test_an_extract_is_the_coordinators_and_stands_in_the_log(case_id: str, signed_in: SIGN, actor: Acting) -> None:
    karin = actor("karin")
    made = extract(karin, case_id)
    for login in ("lena", "rasmus"):
        with pytest.raises(NotFound):
            prepare_extract(actor(login), case_id)
        with pytest.raises(Refused):
            read_sheet(actor(login), case_id, made, somebody="x")
        assert signed_in(login).get(f"/cases/{case_id}/extracts/{made}").status_code in (403, 404)
    browser = signed_in("karin")
    browser.get(f"/cases/{case_id}/extracts/{made}")
    history = browser.get(f"/cases/{case_id}/history").text
    assert "Skrivit ut · registerutdrag" in history
    assert "Skapat · registerutdrag" in history


def test_in_english_the_paper_is_english(case_id: str, signed_in: SIGN) -> None:
    karin = signed_in("karin")
    karin.get(f"/cases/{case_id}/extracts/new")
    shown = karin.submit({"asker": "young", "identified_by": "e_id", "language": "en"}, action=f"/cases/{case_id}/extracts/new")
    assert '<article class="sheet" lang="en"' in shown.text
    assert "Electronic identification" in shown.text


@pytest.mark.parametrize(
    ("written", "masked"),
    [
        ("Mona Lind ringde.", "[x] Lind ringde."),
        ("MONAS bror", "[x] bror"),
        ("Monark är en cykel.", "Monark är en cykel."),
        ("Bo bor där de bo.", "[x] bor där de bo."),
        ("Ring 070 174 06 36 eller +46 70 1740636.", "Ring [x] eller [x]."),
        ("Anna-Mona Lind", "Anna-[x] Lind"),
    ],
)
def test_a_name_and_a_number_are_masked_however_they_are_written(written: str, masked: str) -> None:
    mask = mask_of(["Mona Lind", "Bo Lind"], ["070-174 06 36"], known=["Alva Lind"], instead="[x]")
    assert mask(written) == masked
