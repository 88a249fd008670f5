"""A marked text through the two forms of an emergency; then it is nowhere but on the reviewer's page and in what is sealed.

The walk of `tests/test_canary.py` cannot send these forms; its detector is used here.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from flask import Flask

from caseapp.accounts.second_factor import code_at
from caseapp.formats import SWEDEN, clock
from tests.emergency.conftest import Shut
from tests.installations import Installation
from tests.municipality import Municipality
from tests.pages import Page, PageClient
from tests.test_canary import everything_said, everything_stored, hits
from tests.walked import MARK

NOON = datetime(2031, 11, 26, 12, 0, tzinfo=SWEDEN)
REASON = f"{MARK} har hänt, och det kan inte vänta till imorgon."
ASSESSMENT = f"{MARK} var ett gott skäl."


def test_what_was_written_is_nowhere_in_the_open(
    app: Flask, installation: Installation, municipality: Municipality, shut: Shut, browser: Callable[[str], PageClient]
) -> None:
    with everything_said() as said:
        with clock.at(NOON):
            lena = browser("lena")
        with clock.at(NOON + timedelta(minutes=1)):
            code = code_at(municipality["lena"].totp_secret, clock.now())
            for number, given in (("2031-9999", "000000"), (shut.number, code)):  # refused, then taken
                answer = lena.submit({"case_number": number, "reason": REASON, "code": given}, on="/emergency")
            assert answer.request.path == f"/cases/{shut.id}"
            lena.submit(on=answer.request.path, action=f"/cases/{shut.id}/emergency/end")
        with clock.at(NOON + timedelta(minutes=2)):
            ulla = browser("ulla")
            (review,) = [path for path in Page(ulla.get("/").text).links if "/emergency/reviews/" in path]
            ulla.submit({"verdict": "justified", "assessment": ASSESSMENT}, on=review)
            page = Page(ulla.get(review).text).text()
    assert REASON in page
    assert ASSESSMENT in page
    found = hits(everything_stored(installation) | {"what was logged": said.getvalue().encode()})
    assert [place for place in found if MARK.casefold() in place.casefold()] == []


def test_the_detector_would_find_it(installation: Installation) -> None:
    planted = installation.home / "planted"
    planted.write_text(REASON, "utf-8")
    assert any("planted" in place for place in hits(everything_stored(installation)))
