"""The pages of a case, as people use them: every page that is fetched is checked for being a good page."""

from collections.abc import Callable

import pytest

from caseapp.access import Actor, NotFound
from caseapp.cases import actions
from caseapp.cases.notes import add_note, read_notes
from caseapp.cases.participation import remove_participant
from caseapp.cases.starting import NewPerson, NewRelated, start_case
from caseapp.formats import clock, parse_personal_number
from tests.municipality import Municipality
from tests.pages import PageClient, form_values
from tests.small_town import give_consent

# Test numbers of the tax agency's range (serial 238), check digit by the published algorithm (Skatteverket, SKV 704).
ALVA, OTHER = "20110415-2382", "20120302-2387"
ACT = Callable[[str], Actor]
SIGN = Callable[[str], PageClient]


@pytest.fixture
def case_id(actor: ACT, municipality: Municipality) -> str:
    """Karin's case about Alva Lind, 15, in which everybody of the team takes part."""
    return start_case(
        actor("karin"),
        municipality.teams["norr"],
        person=NewPerson("Alva Lind", "f", parse_personal_number(ALVA, today=clock.today()), phone="070-174 06 35"),
        related=[NewRelated("Mona Lind", phone="070-174 06 36"), NewRelated("Per Lind")],
        referral_source="school",
        concerns=["school_absence"],
        participant_ids=[municipality[login].id for login in ("lena", "pontus", "fia")],
    )


def new_case_fields(municipality: Municipality, **changed: object) -> dict[str, object]:
    return {
        "name": "Elin Berg",
        "id_kind": "number",
        "number": OTHER,
        "sex": "f",
        "protected": "none",
        "custodian_name": "Mia Berg",
        "custodian2_name": "Jon Berg",
        "opened_on": "idag",
        "referral_source": "school",
        "concerns": ["school_absence", "peers_crime"],
        "participants": [municipality["lena"].id],
    } | changed


def test_a_case_is_started_after_the_right_person_was_confirmed(signed_in: SIGN, municipality: Municipality) -> None:
    karin = signed_in("karin")
    asked = karin.submit(new_case_fields(municipality), on="/cases/new", action="/cases/new")
    assert asked.status_code == 200
    assert "Stämmer detta?" in asked.text
    assert "2 mars 2012" in asked.text.replace("\u00a0", " ")
    started = karin.submit({"name": "Elin Berg"}, action="/cases/new")
    assert started.request.path.startswith("/cases/")
    assert "Elin Berg" in started.text
    assert "20120302-····" in started.text
    assert OTHER not in started.text


def test_a_number_changed_after_the_question_is_asked_about_again(signed_in: SIGN, municipality: Municipality) -> None:
    karin = signed_in("karin")
    karin.submit(new_case_fields(municipality), on="/cases/new", action="/cases/new")
    again = karin.submit({"number": ALVA}, action="/cases/new")
    assert "Stämmer detta?" in again.text
    assert "15 april 2011" in again.text.replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        ("number", "20120302-2384", "Kontrollsiffran stämmer inte"),
        ("number", "20121340-2384", "Numret börjar inte med ett datum som finns"),
        ("number", "", "Skriv numret, eller välj att det saknas"),
        ("opened_on", "31/2", "Det datumet finns inte"),
        ("opened_on", "2199-01-01", "Datumet ligger i framtiden"),
        ("name", "Elin\x00 Berg", "tecken som inte går att spara"),
        ("name", "Elin\u202e Berg", "läsriktningen"),
        ("name", "E" * 121, "Korta den till högst"),
    ],
)
def test_a_mistake_is_answered_with_a_sentence_and_the_text_is_kept(
    field: str, typed: str, sentence: str, signed_in: SIGN, municipality: Municipality
) -> None:
    answer = signed_in("karin").submit(new_case_fields(municipality, **{field: typed}), on="/cases/new", action="/cases/new")
    assert answer.status_code == 422
    assert sentence in answer.text
    assert "Mia Berg" in answer.text


def test_a_birth_date_in_the_future_is_refused(signed_in: SIGN, municipality: Municipality) -> None:
    fields = new_case_fields(municipality, id_kind="none", number="", born="2150-01-01")
    answer = signed_in("karin").submit(fields, on="/cases/new", action="/cases/new")
    assert answer.status_code == 422
    assert "Datumet ligger i framtiden" in answer.text


def test_a_second_case_for_the_same_number_leads_to_the_first(case_id: str, signed_in: SIGN, municipality: Municipality) -> None:
    answer = signed_in("karin").submit(new_case_fields(municipality, number=ALVA), on="/cases/new", action="/cases/new")
    assert "Numret finns redan" in answer.text
    assert f"/cases/{case_id}" in answer.text
    assert "Ja, starta ärendet" not in answer.text


def test_a_double_click_starts_one_case(signed_in: SIGN, municipality: Municipality) -> None:
    karin = signed_in("karin")
    karin.submit(new_case_fields(municipality, id_kind="none", number="", born="2012-03-02"), on="/cases/new", action="/cases/new")
    page = karin.page
    first = karin.submit({"name": "Elin Berg"}, action="/cases/new")
    karin.page = page
    second = karin.submit({"name": "Elin Berg"}, action="/cases/new")
    assert first.request.path == second.request.path != "/cases"
    karin.get("/cases")
    assert karin.page is not None
    assert karin.page.text().count("2026-0001" if clock.today().year == 2026 else "-0001") == 1
    assert "-0002" not in karin.page.text()


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/facts",
        "/young-person",
        "/people/new",
        "/notes",
        "/notes/new",
        "/participants",
        "/history",
        "/close",
        "/consent",
        "/consent/new",
    ],
)
def test_every_page_of_a_case_is_a_good_page(path: str, case_id: str, signed_in: SIGN) -> None:
    assert signed_in("karin").get(f"/cases/{case_id}{path}").status_code == 200


@pytest.mark.parametrize("login", ["rasmus", "petra", "samir", "ulla", "admin", "stellan", "greta"])
@pytest.mark.parametrize("path", ["", "/notes", "/consent", "/history", "/epoch", "/close"])
def test_nobody_outside_the_case_sees_it_or_learns_that_it_exists(login: str, path: str, case_id: str, signed_in: SIGN) -> None:
    answer = signed_in(login).get(f"/cases/{case_id}{path}")
    assert answer.status_code in (403, 404)
    assert "Alva" not in answer.text
    assert "A.L." not in answer.text


def test_an_unknown_id_and_another_teams_id_look_the_same(case_id: str, signed_in: SIGN) -> None:
    rasmus = signed_in("rasmus")
    pages = []
    for address in (case_id, "00000000-0000-4000-8000-000000000000", "%00", "x" * 3000):
        assert rasmus.get(f"/cases/{address}").status_code == 404
        assert rasmus.page is not None
        pages.append(rasmus.page.text())
    assert len(set(pages)) == 1


def test_the_whole_number_is_shown_only_when_asked_for(case_id: str, signed_in: SIGN) -> None:
    karin = signed_in("karin")
    assert ALVA not in karin.get(f"/cases/{case_id}").text
    assert ALVA in karin.submit({}, action=f"/cases/{case_id}/number").text


def test_search_forgives_accents_and_case_but_knows_nothing_of_other_teams(case_id: str, signed_in: SIGN) -> None:
    karin, rasmus = signed_in("karin"), signed_in("rasmus")
    for words in ("alva", "LIND al", "álva lind", ALVA, "110415-2382", "mona"):
        assert "Alva Lind" in signed_in_search(karin, words), words
    assert "Alva Lind" not in signed_in_search(rasmus, "alva")
    assert "Alva Lind" not in signed_in_search(rasmus, ALVA)
    assert "Alva Lind" not in signed_in_search(signed_in("lena"), "alva"), "no consent lets the school know the name"


def signed_in_search(client: PageClient, words: str) -> str:
    answer = client.submit({"words": words}, on="/cases/search", action="/cases/search")
    assert words not in answer.request.url
    return answer.text


def test_a_note_is_written_and_corrected_and_its_first_text_stays(case_id: str, signed_in: SIGN) -> None:
    karin = signed_in("karin")
    written = {"information_type": "attendance", "heading": "Frånvaro", "text": "Borta tre dagar.", "occurred_on": "igår"}
    page = karin.submit(written, on=f"/cases/{case_id}/notes/new", action=f"/cases/{case_id}/notes/new")
    assert "Borta tre dagar." in page.text
    address = next(link for link in karin.page.links if "/notes/" in link and not link.endswith("/new"))
    page = karin.submit({"text": "Borta två dagar.", "reason": "Fel antal."}, on=address, action=address)
    assert "Borta två dagar." in page.text
    assert "Borta tre dagar." in page.text
    assert "tidigare version" in page.text


def test_two_corrections_at_once_show_both_texts(case_id: str, actor: ACT, signed_in: SIGN) -> None:
    note_id = add_note(actor("karin"), case_id, information_type="family", text="Första texten.")
    karin, address = signed_in("karin"), f"/cases/{case_id}/notes/{note_id}"
    karin.get(address)
    page = karin.page
    karin.submit({"text": "Annas rättelse.", "reason": "Fel."}, action=address)
    karin.page = page
    answer = karin.submit({"text": "Min rättelse.", "reason": "Fel."}, action=address)
    assert answer.status_code == 409
    assert "<del>" in answer.text
    assert "<ins>" in answer.text
    (proposed,) = [values["text"][0] for values in map(form_values, karin.page.forms()) if "text" in values]
    assert proposed.replace("\r", "").split() == ["Annas", "Min", "rättelse."], "both changed the same word: both stand"
    answer = karin.submit({"text": "Annas och min rättelse."})
    assert "Rättelsen är sparad." in answer.text
    (note,) = read_notes(actor("karin"), case_id).notes
    assert [one.text for one in (note, *note.earlier)] == ["Annas och min rättelse.", "Annas rättelse.", "Första texten."]


def test_a_stale_form_about_the_young_person_shows_both(case_id: str, signed_in: SIGN) -> None:
    karin, address = signed_in("karin"), f"/cases/{case_id}/young-person"
    karin.get(address)
    page = karin.page
    karin.submit({"phone": "08-465 00 11"}, action=address)
    karin.page = page
    answer = karin.submit({"phone": "08-465 00 22"}, action=address)
    assert answer.status_code == 409
    assert "08-465 00 11" in answer.text
    assert "08-465 00 22" in answer.text


def test_a_stale_form_about_status_or_the_end_shows_what_is_stored_and_keeps_the_text(case_id: str, signed_in: SIGN, actor: ACT) -> None:
    karin = signed_in("karin")
    for address, typed in (
        (f"/cases/{case_id}/facts", {"status": "paused"}),
        (f"/cases/{case_id}/close", {"reason": "moved", "summary": "Flyttar."}),
    ):
        karin.get(address)
        page = karin.page
        actions.change_facts(actor("karin"), case_id, status="mapping", referral_source="police", concerns=["no_leisure"])
        karin.page = page
        answer = karin.submit(typed, action=address)
        assert answer.status_code == 409
        assert "Saknar positiv fritidsaktivitet" in answer.text
        assert all(text in answer.text for text in typed.values())
        again = karin.submit({}, action=address)
        assert again.status_code == 200
        assert again.request.path == f"/cases/{case_id}"


HOSTILE = {
    "a NUL": "a\x00b",
    "half a character": "a\ud800b",
    "right to left": "a\u202eb",
    "a million": "a" * 1_000_000,
    "emoji": "👩\u200d👧 🏽",
    "markup": '<script>alert(1)</script><b title="x">',
    "another alphabet": "' OR 1=1 --; ŋ\u0301 ﷽",
    "nothing": "",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_no_text_breaks_a_form_of_a_case(text: str, case_id: str, signed_in: SIGN) -> None:
    karin = signed_in("karin")
    for part in ("facts", "young-person", "people/new", "notes/new", "close", "consent/new"):
        address = f"/cases/{case_id}/{part}"
        karin.get(address)
        assert karin.page is not None
        form = karin.page.forms(address)[0]
        typed = {name: text for field in form.iter() if (name := field.get("name")) and name not in ("csrf_token", "once")}
        answer = karin.post(address, data={"csrf_token": token(form)} | {name: text.encode("utf-8", "surrogatepass") for name in typed})
        assert answer.status_code in (200, 303, 409, 413, 422), (part, answer.status_code)
        assert "<script>alert" not in answer.text


def token(form: object) -> str:
    return next(field.get("value", "") for field in form.iter() if field.get("name") == "csrf_token")  # type: ignore[attr-defined]


def test_the_writer_sees_who_can_read_before_saving(case_id: str, signed_in: SIGN) -> None:
    karin = signed_in("karin")
    assert "Kan läsas av: Socialtjänsten" in karin.get(f"/cases/{case_id}/notes/new").text


def test_a_case_is_closed_and_opened_again(case_id: str, signed_in: SIGN, actor: ACT) -> None:
    karin = signed_in("karin")
    fields = {"ending": "closed", "reason": "goals_met", "closed_on": "idag", "summary": "Målen är nådda."}
    closed = karin.submit(fields, on=f"/cases/{case_id}/close", action=f"/cases/{case_id}/close")
    assert "Ärendet avslutades" in closed.text
    assert "Målen är nådda." in closed.text
    opened = karin.submit({}, action=f"/cases/{case_id}/reopen")
    assert "Ärendet är öppet igen" in opened.text
    assert actions.read_case(actor("karin"), case_id).bar.status == "noticed"


def test_a_case_cannot_end_before_it_began(case_id: str, signed_in: SIGN) -> None:
    fields = {"reason": "goals_met", "closed_on": "2001-01-01", "summary": "Texten finns kvar."}
    answer = signed_in("karin").submit(fields, on=f"/cases/{case_id}/close", action=f"/cases/{case_id}/close")
    assert answer.status_code == 422
    assert "Ärendet öppnades" in answer.text
    assert "Texten finns kvar." in answer.text


def test_a_removed_participant_is_out_at_once(case_id: str, signed_in: SIGN, municipality: Municipality) -> None:
    lena, karin = signed_in("lena"), signed_in("karin")
    assert lena.get(f"/cases/{case_id}").status_code == 200
    before = lena.get(f"/cases/{case_id}/epoch").text
    karin.get(f"/cases/{case_id}/participants")
    karin.submit({}, action=f"/cases/{case_id}/participants/{municipality['lena'].id}/remove")
    assert lena.get(f"/cases/{case_id}").status_code == 404
    assert lena.get(f"/cases/{case_id}/epoch").status_code == 404
    assert karin.get(f"/cases/{case_id}/epoch").text != before


def test_the_last_coordinator_cannot_leave(case_id: str, signed_in: SIGN, municipality: Municipality) -> None:
    karin = signed_in("karin")
    path = f"/cases/{case_id}/participants/{municipality['karin'].id}"
    karin.get(f"/cases/{case_id}/participants")
    assert "minst en samordnare" in karin.submit({}, action=f"{path}/remove").text
    assert "minst en samordnare" in karin.submit({"reason": "Är granne."}, on=f"{path}/block").text
    assert karin.get(f"/cases/{case_id}").status_code == 200


def test_the_history_names_who_has_been_in_the_case(case_id: str, signed_in: SIGN) -> None:
    signed_in("pontus").get(f"/cases/{case_id}")
    page = signed_in("karin").get(f"/cases/{case_id}/history")
    assert "Pontus Ek" in page.text
    assert "Lokalpolisen" in page.text


@pytest.fixture
def protected_id(actor: ACT, municipality: Municipality) -> str:
    person = NewPerson("Signe Modig", "f", parse_personal_number(OTHER, today=clock.today()), protected="sekretessmarkering")
    return start_case(actor("karin"), municipality.teams["norr"], person=person, participant_ids=[municipality["samir"].id])


def test_a_protected_identity_is_a_case_number_in_lists_and_bars(protected_id: str, signed_in: SIGN) -> None:
    karin = signed_in("karin")
    for page in (karin.get("/cases").text, karin.get(f"/cases/{protected_id}/notes").text, signed_in_search(karin, "signe modig")):
        assert f"/cases/{protected_id}" in page
        assert "Skyddade personuppgifter" in page
        assert "Signe" not in page.replace("signe modig", "")
        assert "S.M." not in page


def test_a_participant_who_is_not_on_the_list_cannot_see_a_protected_case(
    protected_id: str, actor: ACT, signed_in: SIGN, municipality: Municipality
) -> None:
    samir, karin = signed_in("samir"), signed_in("karin")
    assert samir.get(f"/cases/{protected_id}").status_code == 404
    assert protected_id not in samir.get("/cases").text
    karin.get(f"/cases/{protected_id}/participants")
    karin.submit({}, action=f"/cases/{protected_id}/participants/{municipality['samir'].id}/name")
    assert samir.get(f"/cases/{protected_id}").status_code == 200
    with pytest.raises(NotFound):
        actions.read_case(actor("lena"), protected_id)


def test_a_note_is_not_saved_on_a_promise_of_who_can_read_that_no_longer_holds(
    signed_in: SIGN, actor: ACT, municipality: Municipality, case_id: str
) -> None:
    lena = signed_in("lena")
    lena.get(f"/cases/{case_id}/notes/new")
    consent = give_consent(actor("karin"), case_id, {municipality.agencies[kind]: ("identity", "health") for kind in ("school", "police")})
    assert consent
    written = {"information_type": "health", "text": "Ont i magen varje morgon."}
    answer = lena.submit(written)
    assert answer.status_code == 422
    assert "Vilka som kan läsa har ändrats" in answer.text
    assert "Ont i magen varje morgon." in answer.text
    assert "Kan läsas av: Ekskolan, Lokalpolisen" in answer.text
    assert "Anteckningen är sparad." in lena.submit({"text": "Ont i magen varje morgon."}).text


def test_what_was_written_is_shown_to_somebody_who_no_longer_takes_part_when_they_save(
    signed_in: SIGN, actor: ACT, municipality: Municipality, case_id: str
) -> None:
    lena = signed_in("lena")
    lena.get(f"/cases/{case_id}/notes/new")
    remove_participant(actor("karin"), case_id, municipality["lena"].id)
    answer = lena.submit({"information_type": "health", "text": "Ont i magen varje morgon."})
    assert answer.status_code == 404
    assert "Ont i magen varje morgon." in answer.text


def test_what_is_withheld_on_the_overview_says_so_and_never_looks_missing(case_id: str, signed_in: SIGN) -> None:
    lena = signed_in("lena")
    lena.get(f"/cases/{case_id}")
    assert lena.page is not None
    said = {lena.page.text(dt): lena.page.text(dd) for dt, dd in zip(lena.page.all("dt"), lena.page.all("dd"), strict=True)}
    # in words, and once in each place
    assert said["Status"] == said["Initiativ från"]
    assert said["Status"].lower().count("samtycke") == 1
    assert "Saknas" not in said.values()
