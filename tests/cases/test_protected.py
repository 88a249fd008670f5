"""Protected identity: who is not on the list learns neither name, number, address nor telephone, on any page; lists show the number alone.

The three kinds (ProtectedStatus), on the young person and on people around, each with a list. Expected values are the domain notes'
(section 4) and offentlighets- och sekretesslagen (2009:400) 21 kap. 3 § and 22 kap. 1 §, read 2026-11.
"""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask

from caseapp import audit
from caseapp.access import Actor, NotFound, Refused, Withheld
from caseapp.cases import actions
from caseapp.cases.consenting import read_consent
from caseapp.cases.notes import add_note
from caseapp.cases.participation import LastReader, name_person_reader, name_reader, read_epoch, read_participation
from caseapp.cases.starting import NewPerson, NewRelated, start_case
from caseapp.db import bound_database, transaction
from caseapp.followup.actions import Seen, save_measure
from caseapp.formats import SWEDEN, clock, parse_personal_number
from caseapp.meetings.actions import plan_meeting
from caseapp.rights.actions import make_extract, prepare_extract
from tests.municipality import Municipality, actor_of
from tests.pages import PageClient
from tests.small_town import ALL_TYPES, give_consent

Acting = Callable[[str], Actor]
SIGN = Callable[[str], PageClient]
KINDS = ("sekretessmarkering", "skyddad_folkbokforing", "fingerade")
NUMBER = "20120302-2387"  # of the tax agency's range of test numbers
#: Words that occur nowhere else, so that one found in an answer tells what was shown.
GIRL, MOTHER, AUNT = "Silvermossa", "Tjärblomster", "Vattenaloe"
GIRLS_PHONE, MOTHERS_PHONE, ADDRESS = "070-174 06 11", "070-174 06 12", "Rosenpilörten 4"


def everything_told(kind: str) -> tuple[str, ...]:
    return (GIRL, "201203022387", "20120302-2387", *((GIRLS_PHONE, ADDRESS) if kind != "skyddad_folkbokforing" else ()))


def start(actor: Acting, municipality: Municipality, *, girl: str = "none", mother: str = "none", aunt: str = "none") -> str:
    """A case with these kinds of protection, in which Samir and Lena take part besides Karin; everybody may read by consent."""
    karin = actor("karin")
    made = start_case(
        karin,
        municipality.teams["norr"],
        person=NewPerson(
            f"{GIRL} Lind", "f", parse_personal_number(NUMBER, today=clock.today()), protected=girl, phone=GIRLS_PHONE, address=ADDRESS
        ),
        related=[NewRelated(f"{MOTHER} Lind", phone=MOTHERS_PHONE, protected=mother)],
        participant_ids=[municipality[login].id for login in ("samir", "lena")],
    )
    if aunt != "none":
        actions.add_related(karin, made, NewRelated(f"{AUNT} Ek", "relative", "070-174 06 13", aunt))
    scope = {municipality.agencies[one]: (*ALL_TYPES, "family", "contact") for one in ("social_services", "school")}
    give_consent(karin, made, scope, clock.today() + timedelta(days=90))
    return made


def walk(client: PageClient, *starts: str, most: int = 90) -> dict[str, str]:
    """Address → the whole HTML of every page that links lead to from here."""
    waiting, seen = list(starts), {}
    while waiting and len(seen) < most:
        address = waiting.pop(0)
        if address in seen or not address.startswith("/") or address.startswith(("/static", "/bootstrap")):
            continue
        answer = client.get(address)
        if 300 <= answer.status_code < 400:
            waiting.append(re.sub(r"^https?://[^/]+", "", answer.headers["Location"]))
            continue
        seen[address] = answer.get_data(as_text=True) if answer.mimetype == "text/html" else ""
        waiting += [link.partition("#")[0] for link in re.findall(r'href="([^"]+)"', seen[address])]
    return seen


@pytest.mark.parametrize("kind", KINDS)
def test_lists_hits_agendas_my_day_and_the_screen_show_the_case_number_alone(
    kind: str, actor: Acting, municipality: Municipality, signed_in: SIGN
) -> None:
    case_id, karin = start(actor, municipality, girl=kind), actor("karin")
    at = clock.now().astimezone(SWEDEN) + timedelta(days=1)
    people = ["member:" + municipality["karin"].id, f"young_person:{case_id}"]
    about = plan_meeting(
        karin, municipality.teams["norr"], meeting_type="network", starts_at=at, place="Rum 3", asked=people, case_id=case_id
    )
    browser = signed_in("karin")
    number = actions.read_case(karin, case_id).bar.case_number
    places = ("/", "/cases", "/meetings", f"/meetings/{about}", f"/cases/{case_id}/meetings/new")
    pages = {place: browser.get(place).text for place in places}
    pages["search"] = browser.submit({"words": GIRL.lower()}, on="/cases/search", action="/cases/search").text
    browser.get(f"/meetings/{about}")
    pages["screen"] = browser.submit({}, action=f"/meetings/{about}/start").text
    for place, page in pages.items():
        for told in (GIRL, MOTHER, NUMBER, GIRLS_PHONE, MOTHERS_PHONE, "Rosenpilörten"):
            shown = page.replace(f'value="{GIRL.lower()}"', "")
            assert told not in shown, (place, told)
    assert "Mötesläge" in pages["screen"]
    for place in ("/cases", "/meetings", "search", "screen"):
        assert number in pages[place], place


@pytest.mark.parametrize("kind", KINDS)
def test_who_is_not_on_the_young_persons_list_is_told_nothing_anywhere(
    kind: str, actor: Acting, municipality: Municipality, signed_in: SIGN
) -> None:
    case_id = start(actor, municipality, girl=kind)
    for login in ("samir", "lena"):
        browser = signed_in(login)
        pages = walk(browser, "/", "/cases", "/meetings")
        pages["hits"] = browser.submit({"words": GIRL}, on="/cases/search", action="/cases/search").text.replace(f'value="{GIRL}"', "")
        assert len(pages) > 3
        for place, page in pages.items():
            for told in (*everything_told(kind), MOTHER, MOTHERS_PHONE, case_id):
                assert told not in page or (place == "hits" and told == GIRL and "Inga" in page), (login, place, told)
        assert browser.get(f"/cases/{case_id}").status_code == 404


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("who", ["mother", "aunt"])
def test_who_is_not_on_a_related_persons_list_is_never_told_who_it_is(
    who: str, kind: str, actor: Acting, municipality: Municipality, signed_in: SIGN
) -> None:
    case_id, karin = start(actor, municipality, **{who: kind}), actor("karin")
    for login in ("samir", "lena"):
        name_reader(karin, case_id, municipality[login].id)
    name = MOTHER if who == "mother" else AUNT
    person_id = next(one.id for one in actions.read_case(karin, case_id).people.related if one.protected == kind)
    browsers = {login: signed_in(login) for login in ("samir", "lena")}
    for login, browser in browsers.items():
        pages = walk(browser, f"/cases/{case_id}")
        assert f"/cases/{case_id}/consent" in pages
        assert GIRL in pages[f"/cases/{case_id}"]
        for place, page in pages.items():
            assert name not in page, (login, place)
            assert MOTHERS_PHONE not in page or who == "aunt", (login, place)
        assert name not in browser.submit({"words": "zzz"}, on="/cases/search", action="/cases/search").text
        assert f"/cases/{case_id}" not in browser.submit({"words": name}, on="/cases/search", action="/cases/search").text
    # on the list they are told
    name_person_reader(karin, case_id, person_id, municipality["samir"].id)
    assert name in browsers["samir"].get(f"/cases/{case_id}").text
    assert name not in browsers["lena"].get(f"/cases/{case_id}").text
    name_person_reader(karin, case_id, person_id, municipality["samir"].id, named=False)
    assert name not in browsers["samir"].get(f"/cases/{case_id}").text


def test_the_list_of_a_person_is_changed_by_those_on_it_and_never_empty(
    actor: Acting, municipality: Municipality, signed_in: SIGN
) -> None:
    case_id, karin = start(actor, municipality, mother="fingerade"), actor("karin")
    (mother,) = read_participation(karin, case_id).protected
    assert mother.readers == {karin.user_id}
    with pytest.raises(LastReader):
        name_person_reader(karin, case_id, mother.id, karin.user_id, named=False)
    with pytest.raises(NotFound):
        name_person_reader(actor("lena"), case_id, mother.id, actor("lena").user_id)
    page = signed_in("karin")
    page.get(f"/cases/{case_id}/participants")
    told = page.submit({}, action=f"/cases/{case_id}/people/{mother.id}/readers/{karin.user_id}/unname")
    assert "Någon måste stå på personens lista" in told.text
    told = page.submit({}, action=f"/cases/{case_id}/people/{mother.id}/readers/{actor('samir').user_id}/name")
    assert "Personen står på listan." in told.text


def test_who_is_not_shown_a_person_can_neither_change_them_nor_hand_out_an_extract(
    app: Flask, actor: Acting, municipality: Municipality
) -> None:
    case_id, karin = start(actor, municipality, mother="fingerade"), actor("karin")
    second = _second_coordinator(app, actor, municipality)
    name_reader(karin, case_id, second.user_id)
    (mother,) = actions.read_case(second, case_id).people.related
    assert (mother.name, mother.phone) == (Withheld("protected_person"), Withheld("protected_person"))
    assert mother.is_custodian, "who must sign a consent is known all the same"
    with pytest.raises(NotFound):
        actions.read_related(second, case_id, mother.id)
    with pytest.raises(NotFound):
        actions.change_related(second, case_id, mother.id, NewRelated("Någon annan"))
    with pytest.raises(Refused, match="protected_person"):
        prepare_extract(second, case_id)


def _second_coordinator(app: Flask, actor: Acting, municipality: Municipality) -> Actor:
    """Samir, who coordinates the same team from now on."""
    from caseapp.accounts.models import Membership

    with transaction() as current:
        samir = municipality["samir"].id
        current.add(Membership(user_id=samir, team_id=municipality.teams["norr"], role="coordinator", from_day=clock.today()))
        current.commit()
    return actor_of(app, samir)


def test_the_list_ends_with_the_protection(actor: Acting, municipality: Municipality) -> None:
    case_id, karin = start(actor, municipality, mother="sekretessmarkering"), actor("karin")
    (mother,) = actions.read_case(karin, case_id).people.related
    actions.change_related(karin, case_id, mother.id, NewRelated(f"{MOTHER} Lind", protected="none"))
    assert read_participation(karin, case_id).protected == ()
    (seen,) = actions.read_case(actor("samir"), case_id).people.related
    assert seen.name == f"{MOTHER} Lind"


def test_whenever_somebodys_protection_changes_pages_that_are_open_are_closed(actor: Acting, municipality: Municipality) -> None:
    """The case is protected already, for the aunt's sake: who is shown the mother or the girl changes all the same."""
    case_id, karin, lena = start(actor, municipality, aunt="fingerade"), actor("karin"), actor("lena")
    name_reader(karin, case_id, lena.user_id)
    mother = next(one for one in actions.read_case(karin, case_id).people.related if one.is_custodian)
    girl = NewPerson(f"{GIRL} Lind", "f", parse_personal_number(NUMBER, today=clock.today()), phone=GIRLS_PHONE)
    epochs = [read_epoch(lena, case_id)]
    for kind in ("fingerade", "none"):
        actions.change_related(karin, case_id, mother.id, NewRelated(mother.name, protected=kind))
        epochs.append(read_epoch(lena, case_id))
        actions.change_young(karin, case_id, replace(girl, protected=kind))
        epochs.append(read_epoch(lena, case_id))
    assert len(set(epochs)) == len(epochs)
    actions.change_young(karin, case_id, replace(girl, phone=""))
    assert read_epoch(lena, case_id) == epochs[-1], "what is no matter of who may read closes nothing"


def test_a_person_who_changes_sort_keeps_the_list(actor: Acting, municipality: Municipality) -> None:
    case_id, karin = start(actor, municipality, aunt="fingerade"), actor("karin")
    name_reader(karin, case_id, municipality["samir"].id)
    aunt = next(one for one in actions.read_case(karin, case_id).people.related if one.protected == "fingerade")
    actions.change_related(karin, case_id, aunt.id, NewRelated(f"{AUNT} Ek", "custodian", "", "fingerade"))
    names = [one.name for one in actions.read_case(actor("samir"), case_id).people.related]
    assert Withheld("protected_person") in names
    assert f"{AUNT} Ek" not in names


# -- no address and no telephone ------------------------------------------------------------------------------------------


def test_the_form_takes_no_address_and_no_telephone_with_protected_population_registration(
    municipality: Municipality, signed_in: SIGN
) -> None:
    typed = {
        "name": "Elin Berg", "id_kind": "number", "number": NUMBER, "sex": "f", "protected": "skyddad_folkbokforing",
        "phone": "070-174 06 14", "address": "Ekgatan 4", "opened_on": "idag", "referral_source": "school", "concerns": ["school_absence"],
        "custodian_name": "Mia Berg", "custodian_phone": "070-174 06 15", "custodian_protected": "skyddad_folkbokforing",
    }  # fmt: skip
    answer = signed_in("karin").submit(typed, on="/cases/new", action="/cases/new")
    assert answer.status_code == 422
    for sentence in ("sparas ingen adress", "sparas inget telefonnummer"):
        assert sentence in answer.text, sentence
    assert 'value="Ekgatan 4"' in answer.text


def test_setting_the_protection_asks_and_then_removes_what_is_stored(
    actor: Acting, municipality: Municipality, signed_in: SIGN
) -> None:
    case_id, karin = start(actor, municipality), signed_in("karin")
    address = f"/cases/{case_id}/young-person"
    assert "Ta bort sparad adress och telefon" in karin.get(address).text
    asked = karin.submit({"protected": "skyddad_folkbokforing"}, action=address)
    assert asked.status_code == 422
    assert "Kryssa i att det som är sparat ska tas bort" in asked.text
    young = actions.read_case(actor("karin"), case_id).people.young
    assert (young.phone, young.address) == (GIRLS_PHONE, ADDRESS)
    other = karin.submit({"remove_contact": "1", "phone": "070-174 06 19"}, action=address)
    assert "sparas inget telefonnummer" in other.text
    karin.submit({"phone": GIRLS_PHONE, "remove_contact": "1"}, action=address)
    young = actions.read_case(actor("karin"), case_id).people.young
    assert (young.protected, young.phone, young.address) == ("skyddad_folkbokforing", "", "")


def test_a_custodians_protection_removes_their_telephone_and_the_home_address(
    actor: Acting, municipality: Municipality, signed_in: SIGN
) -> None:
    case_id, karin = start(actor, municipality), signed_in("karin")
    (mother,) = actions.read_case(actor("karin"), case_id).people.related
    address = f"/cases/{case_id}/people/{mother.id}"
    assert "den unges adress" in karin.get(address).text
    assert karin.submit({"protected": "skyddad_folkbokforing"}, action=address).status_code == 422
    karin.submit({"protected": "skyddad_folkbokforing", "remove_contact": "1"}, action=address)
    people = actions.read_case(actor("karin"), case_id).people
    assert (people.related[0].phone, people.young.address) == ("", "")
    person = NewPerson(f"{GIRL} Lind", "f", parse_personal_number(NUMBER, today=clock.today()), address=ADDRESS)
    actions.change_young(actor("karin"), case_id, person)
    assert actions.read_case(actor("karin"), case_id).people.young.address == "", "nor does it come back by another form"


# -- the log ----------------------------------------------------------------------------------------------------------------


def test_every_opening_of_such_a_case_is_marked_in_the_log(actor: Acting, municipality: Municipality, signed_in: SIGN) -> None:
    protected = start(actor, municipality, girl="fingerade")
    karin = signed_in("karin")
    before = len(entries(protected))
    ways = [f"/cases/{protected}{part}" for part in ("", "/notes", "/plan", "/mapping", "/consent", "/participants")]
    for way in ways:
        karin.get(way)
    found = entries(protected)[: len(entries(protected)) - before]
    assert len(found) >= len(ways)
    assert all(protected in (entry.detail or {}).get("protected", ()) for entry in found if (entry.detail or {}).get("opened"))
    assert sum(bool((entry.detail or {}).get("opened")) for entry in found) >= len(ways)
    add_note(actor("karin"), protected, information_type="assessment", text="x")
    assert protected in (entries(protected)[0].detail or {})["protected"]


def test_an_opening_of_another_case_carries_no_mark(actor: Acting, municipality: Municipality) -> None:
    case_id = start(actor, municipality)
    actions.read_case(actor("karin"), case_id)
    assert all("protected" not in (entry.detail or {}) for entry in entries(case_id))


def entries(case_id: str) -> list[audit.ReadEntry]:
    """The log of the case, the newest first."""
    with transaction(reading=True) as current:
        return list(audit.entries_of_case(current, bound_database().keyholder, case_id, 200))


# -- paper ------------------------------------------------------------------------------------------------------------------


def papers(karin: Actor, case_id: str) -> dict[str, str]:
    """Paper → the address of the page that is printed."""
    seen = [item.id for item in prepare_extract(karin, case_id).items]
    extract_id = make_extract(karin, case_id, asker=None, identified_by="e_id", withheld={}, seen=seen)
    save_measure(karin, case_id, Seen("before", clock.today(), {"school": "3"}, risk="high"))
    consent_id = read_consent(karin, case_id).consents[0].id
    here = f"/cases/{case_id}"
    return {
        "consent": f"{here}/consent/{consent_id}/paper",
        "readers": f"{here}/history/extract",
        "extract": f"{here}/extracts/{extract_id}",
        "plan": f"{here}/plan/paper",
        "mapping": f"{here}/mapping",
        "history": f"{here}/history",
        "remarks": f"{here}/remarks",
    }


#: Pages that are nothing but paper: they show nothing before the step. The others are read on the screen and print as one sentence.
NOTHING_BUT_PAPER = ("consent", "readers", "extract", "plan")
REFUSED = "Sidan skrivs inte ut utan det extra steget"


@pytest.mark.parametrize("paper", ["consent", "readers", "extract", "plan", "mapping", "history"])
def test_paper_about_a_protected_person_takes_a_step_with_a_reason(
    paper: str, actor: Acting, municipality: Municipality, signed_in: SIGN
) -> None:
    case_id, karin = start(actor, municipality, girl="fingerade"), signed_in("karin")
    address = papers(actor("karin"), case_id)[paper]
    first = karin.get(address)
    if paper in NOTHING_BUT_PAPER:
        assert first.status_code == 303
        step = re.sub(r"^https?://[^/]+", "", first.headers["Location"])
    else:
        assert REFUSED in first.text
        assert "data-print" not in first.text
        step = next(link for link in karin.page.links if f"/print/{paper}" in link)
    said = karin.get(step).text
    assert "Det här kommer att stå på pappret" in said
    assert GIRL not in said
    refused = karin.submit({"reason": ""}, action=step)
    assert refused.status_code == 422
    assert "Skriv varför pappret behövs" in refused.text
    shown = karin.submit({"reason": "Ska skrivas under hemma."}, action=step)
    assert shown.request.path == address
    assert "data-print" in shown.text
    assert REFUSED not in shown.text
    found = [entry for entry in entries(case_id) if (entry.detail or {}).get("paper") == paper]
    assert [(entry.action, (entry.detail or {})["reason"]) for entry in found] == [("print", "Ska skrivas under hemma.")]
    with clock.at(clock.now() + timedelta(minutes=11)):
        again = karin.get(address)
        assert again.status_code == 303 or REFUSED in again.text


def test_paper_about_nobody_protected_takes_no_step(actor: Acting, municipality: Municipality, signed_in: SIGN) -> None:
    case_id, karin = start(actor, municipality), signed_in("karin")
    for paper, address in papers(actor("karin"), case_id).items():
        answer = karin.get(address)
        assert answer.status_code == 200, paper
        assert REFUSED not in answer.text, paper


def test_the_step_is_refused_where_the_paper_is(actor: Acting, municipality: Municipality, signed_in: SIGN) -> None:
    case_id = start(actor, municipality, girl="fingerade")
    name_reader(actor("karin"), case_id, municipality["samir"].id)
    samir, lena = signed_in("samir"), signed_in("lena")
    assert samir.get(f"/cases/{case_id}/print/plan").status_code == 200
    for paper in ("extract", "history", "nothing"):
        assert samir.get(f"/cases/{case_id}/print/{paper}").status_code == 404
    assert lena.get(f"/cases/{case_id}/print/plan").status_code == 404
