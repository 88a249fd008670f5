"""What has been shared under a consent: by whom it was read, what, when; before it is withdrawn and after."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from caseapp.access import Actor, NotFound
from caseapp.cases.actions import read_case
from caseapp.cases.consenting import read_consent
from caseapp.cases.readers import read_shared
from caseapp.consent.actions import withdraw_consent
from caseapp.formats import clock
from caseapp.plans.actions import add_commitment, write_head
from tests.municipality import Municipality
from tests.pages import Page, PageClient

Acting = Callable[[str], Actor]


def consent_of(actor: Acting, case_id: str) -> str:
    holding = read_consent(actor("karin"), case_id).holding
    assert holding is not None
    return holding.id


def test_what_an_agency_read_of_others_is_told_and_not_what_was_its_own(case_id: str, actor: Acting) -> None:
    consent_id = consent_of(actor, case_id)
    write_head(actor("karin"), case_id, text="Tillbaka till skolan", review_on=clock.today())
    for _ in range(2):
        read_case(actor("lena"), case_id)
    (school,) = [one for one in read_shared(actor("karin"), case_id, consent_id).read if one.agency == "Ekskolan"]
    assert (school.times, school.first, school.last) == (2, clock.today(), clock.today())
    assert "Ekskolan" not in school.owners
    assert "plan" in school.kinds


def test_nobody_has_read_what_nobody_had_written(case_id: str, actor: Acting, municipality: Municipality) -> None:
    """What the consent opened without anything being there was not shared; what came later was not read before."""
    consent_id, karin, lena = consent_of(actor, case_id), actor("karin"), actor("lena")
    read_case(karin, case_id)
    assert read_shared(karin, case_id, consent_id).read == ()
    read_case(lena, case_id)
    first, then, last = (clock.now() + timedelta(minutes=minute) for minute in (1, 2, 3))
    with clock.at(first):
        write_head(karin, case_id, text="Tillbaka till skolan", review_on=clock.today())
        (school,) = read_shared(karin, case_id, consent_id).read
        assert school.owners == ("Socialtjänsten",)
        assert "plan" not in school.kinds
    with clock.at(then):
        add_commitment(lena, case_id, agency_id=municipality.agencies["school"], text="Mentorssamtal", due_on=None)
    with clock.at(last):
        read_case(karin, case_id)
        read_case(lena, case_id)
        told = {one.agency: one for one in read_shared(karin, case_id, consent_id).read}
    assert (told["Socialtjänsten"].owners, told["Socialtjänsten"].kinds) == (("Ekskolan",), ("plan",))
    assert "plan" in told["Ekskolan"].kinds


def test_it_is_told_after_the_withdrawal_too_and_grows_no_more(case_id: str, actor: Acting) -> None:
    consent_id = consent_of(actor, case_id)
    read_case(actor("lena"), case_id)
    withdraw_consent(actor("karin"), case_id, consent_id, received_from="Mamma", received_how="Telefon")
    before = read_shared(actor("karin"), case_id, consent_id).read
    read_case(actor("lena"), case_id)
    assert "Ekskolan" in {one.agency for one in before}
    assert read_shared(actor("karin"), case_id, consent_id).read == before


def test_only_the_cases_coordinator_is_told(case_id: str, actor: Acting, municipality: Municipality) -> None:
    consent_id = consent_of(actor, case_id)
    for login in ("lena", "rasmus"):
        with pytest.raises(NotFound):
            read_shared(actor(login), case_id, consent_id)
    with pytest.raises(NotFound):
        read_shared(actor("karin"), case_id, municipality["lena"].id)


def test_the_page_names_agencies_and_types(case_id: str, signed_in: Callable[[str], PageClient], actor: Acting) -> None:
    read_case(actor("lena"), case_id)
    html = signed_in("karin").get(f"/cases/{case_id}/consent/{consent_of(actor, case_id)}/shared").get_data(as_text=True)
    says = Page(html[html.index("<main") : html.index("</main>")]).text()
    assert "Ekskolan" in says
    assert "Läst med stöd av samtycket" in says
