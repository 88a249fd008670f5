"""The pages of the rules: copied, changed, read version by version, met by a coordinator; mistakes are told at the field."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import text

from caseapp.access import Actor
from caseapp.accounts.actions import set_municipality
from caseapp.cases import actions as cases
from caseapp.cases import consenting
from caseapp.cases.starting import NewPerson, NewRelated, start_case
from caseapp.consent.actions import Answer, read_rule_set, read_rule_sets, write_rule_set
from caseapp.formats import add_months, clock, date_words
from tests.consent.test_rule_sets import FROM_13
from tests.municipality import OWN_RULES, Municipality
from tests.pages import PageClient

SIGN = Callable[[str], PageClient]
ACT = Callable[[str], Actor]
RULES = "/settings/consent-rules"
#: A form that is taken: below 16 the custodians, then both; nine months.
GOOD = {
    "name": "Vår regel",
    "under_0": "16",
    "custodians_0": "all",
    "youth_0": "",
    "under_1": "18",
    "custodians_1": "all",
    "youth_1": "1",
    "longest_months": "9",
}


def newest(actor: ACT, name: str) -> str:
    """The id of the rule with this name."""
    return next(kept.newest.set_id for kept in read_rule_sets(actor("admin")) if kept.newest.sv == name)


def test_a_built_in_rule_is_copied_changed_chosen_and_its_versions_shown(signed_in: SIGN, actor: ACT) -> None:
    admin = signed_in("admin")
    assert "Samtyckesregler" in admin.get("/settings").text
    listed = admin.get(RULES).text
    assert "polisen bara när det behövs" in listed
    assert "Provköpings egen regel" in listed
    admin.get(f"{RULES}/new?copy=together_police_when_needed")
    answer = admin.submit(GOOD, action=f"{RULES}/new?copy=together_police_when_needed")
    assert "Regeln är sparad" in answer.text
    assert "15 år: alla vårdnadshavare" not in answer.text
    assert "Under 16 år: alla vårdnadshavare" in answer.text
    assert "16–17 år: alla vårdnadshavare och den unge" in answer.text
    assert "Väljs bara när det behövs: Polisen" in answer.text
    set_id = newest(actor, "Vår regel")
    page = f"{RULES}/{set_id}"
    changed = admin.submit({"longest_months": "6"}, on=page, action=page)
    assert "Version 2 är sparad" in changed.text
    assert "Ändrat: längsta giltighet (förut 9 månader)" in changed.text
    assert "Kopierad från: Vårdnadshavarna och den unge tillsammans, polisen bara när det behövs" in changed.text
    assert "Administratör" in changed.text
    same = admin.submit({}, on=page, action=page)
    assert "Inget var ändrat" in same.text
    assert "Inställningarna är sparade" in admin.submit(
        {"youngest": "12", "oldest": "20", "consent_sspf": set_id}, on="/settings/municipality"
    ).text
    assert read_rule_set(actor("admin"), set_id).used_for == ("sspf",)
    assert "Vår regel" in admin.get("/settings").text
    assert "Den nya versionen gäller genast" in admin.get(page).text


MISTAKES = [
    ({"name": ""}, "Skriv vad regeln ska heta."),
    ({"name": "Provköpings egen regel"}, "Det finns redan en regel som heter så."),
    ({"under_1": "16"}, "Raden före gäller redan alla under 16 år."),
    ({"under_1": "12"}, "Raden före gäller redan alla under 16 år."),
    ({"under_1": "", "custodians_1": "", "youth_1": ""}, "Raderna slutar vid 16 år. Den sista raden måste gälla under 18 år"),
    ({"under_1": "17"}, "Raderna slutar vid 17 år."),
    ({"under_0": "", "custodians_0": "", "under_1": "", "custodians_1": "", "youth_1": ""}, "Skriv minst en rad, som gäller under 18 år."),
    ({"under_1": "19"}, "Skriv en ålder i hela år, från 1 till 18."),
    ({"under_0": "0"}, "Skriv en ålder i hela år, från 1 till 18."),
    ({"under_0": "-1"}, "Skriv en ålder i hela år, från 1 till 18."),
    ({"under_0": "femton"}, "Skriv en ålder i hela år, från 1 till 18."),
    ({"under_0": ""}, "Skriv under vilken ålder raden gäller, eller töm raden."),
    ({"custodians_0": ""}, "Välj vilka vårdnadshavare som skriver under."),
    ({"custodians_0": "none"}, "Någon måste skriva under."),
    ({"custodians_0": "both"}, "Välj ett av alternativen."),
    ({"longest_months": "0"}, "Ett samtycke får gälla minst 1 och högst 36 månader."),
    ({"longest_months": "1200"}, "Ett samtycke får gälla minst 1 och högst 36 månader."),
    ({"longest_months": "ett år"}, "Ett samtycke får gälla minst 1 och högst 36 månader."),
    ({"longest_months": ""}, "Skriv hur många månader"),
    ({"unticked": ["martians"]}, "Välj ett av alternativen."),
]


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_each_mistake_is_told_at_its_field_and_what_was_typed_is_kept(signed_in: SIGN, actor: ACT) -> None:
    admin, address = signed_in("admin"), f"{RULES}/new?copy=default"
    before = len(read_rule_sets(actor("admin")))
    for wrong, sentence in MISTAKES:
        admin.get(address)
        answer = admin.submit(GOOD | {"name_en": "Typed and kept"} | wrong, action=address)
        assert answer.status_code == 422, wrong
        told = {element.get("id", "").removesuffix("-error") for element in admin.page.root.iter() if element.get("class") == "error"}
        assert sentence in answer.text, wrong
        assert told, "at a field"
        assert any(field == name or name.startswith(field.rstrip("0123")) for name in wrong for field in told), (wrong, told)
        assert "Typed and kept" in answer.text
    assert len(read_rule_sets(actor("admin"))) == before


def test_a_rule_in_use_cannot_be_taken_out_of_the_choices_and_another_can(signed_in: SIGN, actor: ACT, municipality: Municipality) -> None:
    admin, page = signed_in("admin"), f"{RULES}/{municipality.rule_set}"
    admin.get(RULES)
    assert "Regeln går inte längre att välja" in admin.submit({}, action=f"{page}/offer").text
    assert "Provköpings egen regel" not in admin.get("/settings/municipality").text
    admin.get(RULES)
    admin.submit({}, action=f"{page}/offer")
    admin.get(RULES)
    waiting = admin.page
    set_municipality(actor("admin"), consent_rules={"sspf": municipality.rule_set})
    admin.page = waiting
    assert "Regeln används och kan inte tas bort" in admin.submit({}, action=f"{page}/offer").text
    assert read_rule_set(actor("admin"), municipality.rule_set).newest.is_offered


@pytest.mark.parametrize("address", [RULES, f"{RULES}/new", f"{RULES}/default", f"{RULES}/default/versions", f"{RULES}/new?copy=norrland"])
def test_built_in_rules_have_no_form_and_nobody_else_sees_any(signed_in: SIGN, address: str) -> None:
    assert signed_in("karin").get(address).status_code == 403
    built_in = "default" in address or "norrland" in address
    assert signed_in("admin").get(address).status_code == (404 if built_in else 200)


def test_two_administrators_who_change_the_same_rule_do_not_overwrite_each_other(
    signed_in: SIGN, actor: ACT, municipality: Municipality
) -> None:
    admin, page = signed_in("admin"), f"{RULES}/{municipality.rule_set}"
    admin.get(page)
    form = admin.page
    admin.submit({"longest_months": "8"}, action=page)
    admin.page = form
    answer = admin.submit({"longest_months": "7", "name": "Den andras namn"}, action=page)
    assert answer.status_code == 409
    assert "Den andras namn" in answer.text
    assert read_rule_set(actor("admin"), municipality.rule_set).newest.rules.longest_months == 8


def test_what_the_rules_are_called_lies_sealed(app: Flask, actor: ACT) -> None:
    write_rule_set(actor("admin"), FROM_13)
    with app.extensions["caseapp.database"].engine.connect() as connection:
        stored = repr(connection.execute(text("SELECT * FROM consent_rule_set")).all())
    assert "regel" not in stored
    assert "custodians" not in stored


# -- what a coordinator meets -------------------------------------------------------------------------------------------------


@pytest.fixture
def case_id(actor: ACT, municipality: Municipality) -> str:
    """Karin's case about a girl of 13 whose parents both have custody."""
    return start_case(
        actor("karin"),
        municipality.teams["norr"],
        person=NewPerson("Alva Lind", "f", born=add_months(clock.today(), -12 * 13 - 2)),
        related=[NewRelated("Mona Lind"), NewRelated("Per Lind")],
        participant_ids=[municipality[login].id for login in ("lena", "pontus")],
    )


def test_the_form_begins_by_the_rule_and_tells_it(signed_in: SIGN, actor: ACT, municipality: Municipality, case_id: str) -> None:
    set_municipality(actor("admin"), consent_rules={"sspf": write_rule_set(actor("admin"), FROM_13)})
    karin, address = signed_in("karin"), f"/cases/{case_id}/consent/new"
    shown = karin.get(address)
    assert "Vår regel" in shown.text
    assert "Under 13 år: alla vårdnadshavare" in shown.text
    ticked = {e.get("value") for e in karin.page.root.iter("input") if e.get("name") == "agencies" and e.get("checked") is not None}
    assert municipality.agencies["school"] in ticked
    assert municipality.agencies["police"] not in ticked
    late = karin.submit({"types": ["family"], "valid_to": "om 2 år"}, action=address)
    assert late.status_code == 422
    assert "Enligt kommunens regel får ett samtycke gälla högst 6 månader" in late.text
    asked = karin.submit({"types": ["family"], "valid_to": "om 3 månader"}, on=address, action=address)
    assert "väntar på underskrift" in asked.text
    assert "Vår regel, version 1" in karin.get(f"/cases/{case_id}/consent").text


def test_an_agency_outside_the_team_is_refused_at_the_field(signed_in: SIGN, case_id: str) -> None:
    karin, address = signed_in("karin"), f"/cases/{case_id}/consent/new"
    karin.get(address)
    foreign = {"types": ["family"], "valid_to": "om 3 månader", "agencies": ["00000000-0000-4000-8000-000000000000"]}
    answer = karin.submit(foreign, action=address)
    assert answer.status_code == 422
    assert "Välj bland verksamheterna i ärendets team" in answer.text


def ask(actor: ACT, municipality: Municipality, case_id: str, **changed: object) -> str:
    given: dict[str, object] = {
        "agency_ids": [municipality.agencies["school"]],
        "types": ["family"],
        "valid_from": clock.today(),
        "valid_to": add_months(clock.today(), 8),
        "purpose": "sspf_cooperation",
    }
    return consenting.ask_for_consent(actor("karin"), case_id, **(given | changed))  # type: ignore[arg-type]


def answered(actor: ACT, case_id: str, consent_id: str, *decisions: str) -> None:
    page = consenting.read_consent(actor("karin"), case_id)
    cards = next(one for one in page.consents if one.id == consent_id).signatures
    answers = [
        Answer(card.id, said, clock.today(), "paper", reason="Bor i Chile och svarar inte." if said == "waived" else "")
        for card, said in zip(cards, decisions, strict=True)
    ]
    consenting.register_answers(actor("karin"), case_id, consent_id, answers)


def test_a_young_persons_yes_too_early_is_refused_at_the_day_with_the_rule(
    signed_in: SIGN, actor: ACT, municipality: Municipality, case_id: str
) -> None:
    set_municipality(actor("admin"), consent_rules={"sspf": municipality.rule_set})  # from 12 she signs
    page = consenting.read_consent(actor("karin"), case_id)
    consent_id = ask(actor, municipality, case_id)
    address = f"/cases/{case_id}/consent/{consent_id}/answers"
    karin = signed_in("karin")
    first = add_months(page.people.young.born or clock.today(), 12 * OWN_RULES.bands[0].under)  # type: ignore[operator]
    early = add_months(first, -1)
    fields = {"decision_2": "given", "method_2": "paper", "decided_on_2": early.isoformat()}
    answer = karin.submit(fields, on=address, action=address)
    assert answer.status_code == 422
    assert f"Enligt regeln kan den unge skriva under först från 12 år, den {date_words(first, 'sv')}" in answer.text


def test_custodians_who_disagree_are_told_of_with_what_can_be_done(
    signed_in: SIGN, actor: ACT, municipality: Municipality, case_id: str
) -> None:
    answered(actor, case_id, ask(actor, municipality, case_id), "given", "declined")
    karin = signed_in("karin")
    shown = karin.get(f"/cases/{case_id}/consent").text
    assert "Vårdnadshavarna är oense" in shown
    assert "Det här kan du göra" not in signed_in("lena").get(f"/cases/{case_id}/consent").text
    assert "Prata med den som sade nej" in shown
    again = next(link for link, words in karin.page.links.items() if words == "Be om ett annat samtycke")
    assert karin.get(again).status_code == 200
    checked = {e.get("value") for e in karin.page.root.iter("input") if e.get("name") == "types" and e.get("checked") is not None}
    assert checked == {"family"}, "the old terms are filled in"


def test_a_custodian_who_cannot_be_reached_stands_there_with_the_reason(
    signed_in: SIGN, actor: ACT, municipality: Municipality, case_id: str
) -> None:
    answered(actor, case_id, ask(actor, municipality, case_id), "given", "waived")
    shown = signed_in("karin").get(f"/cases/{case_id}/consent").text
    assert "Tillfrågas inte, för att personen inte kan nås. Skäl: Bor i Chile och svarar inte." in shown
    for_the_police = signed_in("pontus").get(f"/cases/{case_id}/consent").text
    assert "Kan inte nås" in for_the_police
    assert "Chile" not in for_the_police
    assert "Skäl:" not in for_the_police


def test_custody_that_changed_leads_from_every_page_to_a_renewal_with_the_old_terms(
    signed_in: SIGN, actor: ACT, municipality: Municipality, case_id: str
) -> None:
    consent_id = ask(actor, municipality, case_id)
    answered(actor, case_id, consent_id, "given", "given")
    cases.add_related(actor("karin"), case_id, NewRelated("Eva Lind"))
    karin, form = signed_in("karin"), f"/cases/{case_id}/consent/new?renew={consent_id}"
    shown = karin.get(f"/cases/{case_id}/consent").text
    assert "Samtycket behöver förnyas" in shown
    assert "Eva Lind har tillkommit som vårdnadshavare och har inte tillfrågats." in shown
    for address in ("/", f"/cases/{case_id}", f"/cases/{case_id}/consent"):
        karin.get(address)
        assert form in karin.page.links, address
    karin.get(form)
    assert "Eva Lind" in karin.page.text()
    karin.submit({}, action=form)
    assert "Förnyelsen väntar på underskrift (0 av 3)" in karin.get("/").text
    assert "Vårdnaden har ändrats" not in karin.get("/").text
    waiting = next(one for one in consenting.read_consent(actor("karin"), case_id).consents if one.renews_id == consent_id)
    assert f"/cases/{case_id}/consent/{waiting.id}/answers" in karin.page.links


def test_the_only_custodian_is_asked_alone_and_the_form_says_so(signed_in: SIGN, actor: ACT, municipality: Municipality) -> None:
    alone = start_case(
        actor("karin"),
        municipality.teams["norr"],
        person=NewPerson("Bo Ek", "m", born=add_months(clock.today(), -12 * 13)),
        related=[NewRelated("Siv Ek"), NewRelated("Olle Ek", role="parent")],
    )
    shown = signed_in("karin").get(f"/cases/{alone}/consent/new").text
    assert "Bara en vårdnadshavare är registrerad och tillfrågas" in shown
    assert "Olle Ek" not in shown
