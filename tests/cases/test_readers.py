"""Who has read about me: agencies, roles, days and grounds, as an extract for the family; no name of staff and nobody who was refused."""

from collections.abc import Callable
from datetime import timedelta

from caseapp.access import Actor
from caseapp.cases.actions import read_case
from caseapp.cases.readers import read_readers
from caseapp.formats import clock
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
