"""The pages of disclosure, of the register and of the excerpt: what is refused comes back with its rule, what is saved is shown."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest

from caseapp.access import Actor
from caseapp.cases.disclosing import Wanted, decide_disclosure
from caseapp.formats import clock
from tests.municipality import Municipality, set_partner_accounts
from tests.pages import PageClient

ACT = Callable[[str], Actor]
SIGN = Callable[[str], PageClient]


def test_a_refused_decision_comes_back_with_the_text_and_the_rule_at_its_field(
    signed_in: SIGN, municipality: Municipality, case_id: str
) -> None:
    karin = signed_in("karin")
    weighing = "Vi har vägt länge och väl, och vet inte än."
    given = {
        "ground": "prevent_crime_under_21",
        "to": municipality.agencies["school"],
        "types": ["offences"],
        "weighing": weighing,
        "valid_to": clock.today().isoformat(),
        "why_not_informed": "Väntar på mötet.",
    }
    answer = karin.submit(given, on=f"/cases/{case_id}/disclosures/new")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "På den grunden kan uppgifter inte lämnas till den verksamheten." in page
    assert weighing in page
    later = (clock.today() + timedelta(days=60)).isoformat()
    answer = karin.submit(given | {"to": municipality.agencies["police"], "valid_to": later}, on=f"/cases/{case_id}/disclosures/new")
    assert "På den grunden får ett beslut gälla högst till" in answer.get_data(as_text=True)
    answer = karin.submit(given | {"to": municipality.agencies["police"]}, on=f"/cases/{case_id}/disclosures/new")
    assert "Väntar på den andra som beslutar" in answer.get_data(as_text=True)


def test_somebody_who_may_not_decide_alone_is_told_who_does(signed_in: SIGN, case_id: str) -> None:
    samir = signed_in("samir")
    assert "Nytt beslut" not in samir.get(f"/cases/{case_id}/disclosures").get_data(as_text=True)
    assert samir.get(f"/cases/{case_id}/disclosures/new").status_code == 403


def test_the_first_decider_who_sends_a_yes_of_their_own_is_refused_in_words(
    actor: ACT, signed_in: SIGN, municipality: Municipality, case_id: str
) -> None:
    wanted = Wanted("serious_crime", municipality.agencies["police"], ("offences",), clock.today(), "Vägt.", why_not_informed="Väntar.")
    decision = decide_disclosure(actor("karin"), case_id, wanted)
    karin, samir = signed_in("karin"), signed_in("samir")
    page = karin.get(f"/cases/{case_id}/disclosures").get_data(as_text=True)
    assert "Besluta också" not in page
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert token
    answer = karin.post(f"/cases/{case_id}/disclosures/{decision}/agree", data={"csrf_token": token[1]})
    assert answer.status_code == 409
    assert "Den som har beslutat kan inte också vara den andra" in answer.get_data(as_text=True)
    answer = samir.submit({}, on=f"/cases/{case_id}/disclosures", action=f"/cases/{case_id}/disclosures/{decision}/agree")
    assert "Beslutet gäller nu." in answer.get_data(as_text=True)


def test_a_line_is_written_on_a_page_shown_in_the_register_and_printed(
    signed_in: SIGN, municipality: Municipality, case_id: str
) -> None:
    lena = signed_in("lena")
    given = {"direction": "in", "other": "outside", "counterpart": "Skolläkaren Ek", "types": ["health"], "how": "phone"}
    answer = lena.submit(given | {"ground": "other"}, on=f"/cases/{case_id}/sharing/new")
    assert answer.status_code == 422
    assert "Skriv vilken grunden är." in answer.get_data(as_text=True)
    assert "Skolläkaren Ek" in answer.get_data(as_text=True)
    answer = lena.submit(given | {"ground": "other", "note": "Skolläkarens eget beslut."}, on=f"/cases/{case_id}/sharing/new")
    for text in (answer.get_data(as_text=True), lena.get(f"/cases/{case_id}/sharing/paper").get_data(as_text=True)):
        for said in ("Skolläkaren Ek", "Ekskolan", "Telefon", "Annan grund", "Lena Brodin", "hälsa"):
            assert said in text
    karin = signed_in("karin")
    assert "Skolläkaren Ek" not in karin.get(f"/cases/{case_id}/sharing").get_data(as_text=True)


@pytest.mark.parametrize(("language", "heading"), [("sv", "Utdrag ur planen för Ekskolan"), ("en", "Mentorssamtal")])
def test_the_excerpt_is_shown_first_and_registered_when_it_is_printed(
    signed_in: SIGN, municipality: Municipality, planned: str, language: str, heading: str
) -> None:
    karin = signed_in("karin")
    address = f"/cases/{planned}/plan/excerpt/{municipality.agencies['school']}?language={language}"
    page = karin.get(address).get_data(as_text=True)
    assert f'<article class="sheet" lang="{language}"' in page
    assert heading in page
    assert "Inget har registrerats än" in karin.get(f"/cases/{planned}/sharing").get_data(as_text=True)
    answer = karin.submit({}, on=address)
    assert answer.status_code == 200
    assert "Registrerat som utdelat" in answer.get_data(as_text=True)
    register = karin.get(f"/cases/{planned}/sharing").get_data(as_text=True)
    assert "1 mål, 2 åtaganden, 1 insatser" in register


def test_an_excerpt_with_nothing_in_it_says_why(signed_in: SIGN, municipality: Municipality, planned: str) -> None:
    page = signed_in("karin").get(f"/cases/{planned}/plan/excerpt/{municipality.agencies['police']}").get_data(as_text=True)
    assert "Inget att dela ut" in page
    assert "Mentorssamtal" not in page


def test_the_administrator_who_gives_a_partner_a_role_is_told_what_to_do(
    actor: ACT, signed_in: SIGN, municipality: Municipality
) -> None:
    set_partner_accounts(actor("admin"), municipality, on=False)
    given = {
        "name": "Ny Lärare",
        "login": "ny",
        "agency": municipality.agencies["school"],
        "team_roles": [f"{municipality.teams['norr']}:participant"],
    }
    answer = signed_in("admin").submit(given, on="/settings/people/new")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "I det teamet loggar samarbetsparter inte in själva. Ändra teamets inställning först." in page
    assert "Ny Lärare" in page
