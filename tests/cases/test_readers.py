"""Who has read about me: agencies, roles, days and grounds, as an extract for the family; no name of staff and nobody who was refused."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from caseapp.access import Actor, Permission, action, allow, log_detail
from caseapp.cases.actions import read_case
from caseapp.cases.readers import read_readers
from caseapp.formats import clock
from caseapp.meetings import actions as meetings
from caseapp.meetings import leading
from tests.municipality import Municipality
from tests.pages import Page, PageClient

Acting = Callable[[str], Actor]


def test_an_agency_stands_once_a_day_with_its_grounds(case_id: str, actor: Acting) -> None:
    for _ in range(3):
        read_case(actor("lena"), case_id)
    read_case(actor("pontus"), case_id)
    found = {(one.agency, one.role): one for one in read_readers(actor("karin"), case_id).readings}
    school, police = found["Ekskolan", "participant"], found["Lokalpolisen", "participant"]
    assert (school.times, school.day) == (3, clock.today())
    assert set(school.grounds) == {"own_agency", "consent"}
    assert "plan" in school.kinds
    # the consent leaves the police out of all but the name; what is their own they read without it
    assert police.times == 1
    assert set(police.grounds) == {"own_agency", "consent"}
    assert ("Socialtjänsten", "coordinator") in found


def test_two_days_are_two_lines_the_newest_first(case_id: str, actor: Acting) -> None:
    lena, later = actor("lena"), clock.now() + timedelta(days=1)
    read_case(lena, case_id)
    with clock.at(later):
        read_case(lena, case_id)
    with clock.at(later):
        days = [one.day for one in read_readers(actor("karin"), case_id).readings if one.agency == "Ekskolan"]
    assert days == [clock.today() + timedelta(days=1), clock.today()]


def test_somebody_who_was_refused_has_not_read(case_id: str, signed_in: Callable[[str], PageClient], actor: Acting) -> None:
    signed_in("petra").get(f"/cases/{case_id}")  # the police of the other team
    assert "Lokalpolisen" not in {one.agency for one in read_readers(actor("karin"), case_id).readings}


def test_the_extract_names_nobody_of_the_staff_and_the_log_says_that_it_was_made(
    case_id: str, signed_in: Callable[[str], PageClient], actor: Acting, municipality: Municipality
) -> None:
    read_case(actor("lena"), case_id)
    karin = signed_in("karin")
    html = karin.get(f"/cases/{case_id}/history/extract").get_data(as_text=True)
    sheet = Page(html[html.index("<main") : html.index("</main>")]).text()
    assert "Ekskolan" in sheet
    assert "Alva Lind" in sheet
    assert not [person.name for person in municipality.people.values() if person.name in sheet]
    assert "Skrivit ut" in Page(karin.get(f"/cases/{case_id}/history").get_data(as_text=True)).text()
    assert signed_in("lena").get(f"/cases/{case_id}/history/extract").status_code in (403, 404)


def test_the_record_of_a_meeting_is_a_reading_of_each_case_on_it(case_id: str, actor: Acting, municipality: Municipality) -> None:
    karin, lena = actor("karin"), actor("lena")
    meeting = meetings.plan_meeting(
        karin, municipality.teams["norr"], meeting_type="team", starts_at=clock.now(), asked=[f"member:{lena.user_id}"]
    )
    meetings.add_to_agenda(karin, meeting, [case_id])
    leading.start_meeting(karin, meeting, [f"member:{one.user_id}" for one in (karin, lena)])
    leading.save_case(karin, meeting, case_id, leading.Said(decision="Vi fortsätter."), done=True)
    leading.end_meeting(karin, meeting)
    before = {one.agency: one.times for one in read_readers(karin, case_id).readings}
    assert "Ekskolan" not in before  # what was on the shared screen is told with who led the meeting
    meetings.open_meeting(lena, meeting)
    (school,) = [one for one in read_readers(karin, case_id).readings if one.agency == "Ekskolan"]
    assert (school.role, school.times) == ("participant", 1)
    assert set(school.grounds) == {"own_agency", "consent"}


GROUNDS = {
    "sv": ("egna uppgifter", "samtycke", "beslut om utlämnande", "nödöppning"),
    "en": ("own information", "consent", "decision on disclosure", "break-glass"),
}


@pytest.mark.parametrize("language", ["sv", "en"])
def test_every_ground_is_told_in_words_of_the_page(
    case_id: str, signed_in: Callable[[str], PageClient], actor: Acting, language: str
) -> None:
    """Also those by which nobody has read yet: an entry in the log that says so is written for the test, as the door would write it."""
    lena = actor("lena")
    for reason in ("own_agency", "consent", "disclosure", "break_glass"):
        _read_on_ground(lena, case_id, reason)
    karin = signed_in("karin")
    karin.post("/language", data={"csrf_token": _token(karin), "lang": language})
    html = karin.get(f"/cases/{case_id}/history/extract").get_data(as_text=True)
    sheet = Page(html[html.index("<main") : html.index("</main>")]).text()
    assert f'<html lang="{language}"' in html
    for words in GROUNDS[language]:
        assert words in sheet.lower(), words
    for words in GROUNDS["en" if language == "sv" else "sv"]:
        assert words not in sheet.lower(), words
    assert ("Extract of the log" in sheet) == (language == "en")
    assert ("Could read" in sheet) == (language == "en")
    assert ("EkskolanDeltagare från en verksamhet" in sheet) == (language == "sv")
    assert "Lena Brodin" not in sheet


@action
def _read_on_ground(actor: Actor, case_id: str, reason: str) -> None:
    allow(actor, Permission.READ_CASE, on=case_id)
    log_detail(opened={case_id: [(actor.agency_id, "identity", reason, "")]})


def _token(client: PageClient) -> str:
    client.get("/")
    assert client.page is not None
    return next(field.get("value", "") for field in client.page.all("input") if field.get("name") == "csrf_token")
