"""The fixture municipality is what tests take it for: everybody in it signs in, as themselves."""

from collections.abc import Callable

import pytest

from caseapp.access import Actor
from tests.municipality import PEOPLE, Codes, Municipality, sign_in_by_pages
from tests.pages import PageClient

LOGINS = ("admin", *(person[0] for person in PEOPLE))


@pytest.mark.parametrize("login", LOGINS)
def test_everybody_signs_in_and_is_greeted_by_name(login: str, client: PageClient, municipality: Municipality, codes: Codes) -> None:
    sign_in_by_pages(client, municipality[login], codes)
    assert client.page is not None
    assert municipality[login].name in client.page.text()


def test_the_coordinator_has_her_role_in_her_own_team_only(actor: Callable[[str], Actor], municipality: Municipality) -> None:
    assert actor("karin").teams == {municipality.teams["norr"]: frozenset({"coordinator"})}
    assert actor("admin").roles == {"administrator"}
