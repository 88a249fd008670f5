"""A marked text through every field of every form; then it is nowhere but on the pages and in what is sealed.

The forms are found by walking (`tests/walking.py`), so that a new one is included by itself. Searched: every file of the
installation while it runs and afterwards (database, write-ahead log, key store, directory), every row of a PostgreSQL database, what
was logged and printed, cookies, addresses, and everything that was fetched and is not a page (bundles). In every encoding that a program
may write a text in. A detector that finds nothing proves nothing: it is shown each encoding in each place first.
"""

import base64
import io
import json
import logging
import sys
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

import psycopg
import pytest
from flask import Flask
from werkzeug.exceptions import HTTPException

from caseapp.cases.actions import read_case
from caseapp.cases.starting import NewPerson, start_case
from caseapp.formats import clock, quarter
from tests.installations import Installation, Workshop
from tests.municipality import Municipality, actor_of, build, worked_here_since
from tests.walked import BIRTH, MARK, SECRET, Walk, identity_number
from tests.walking import walk

#: Forms that this way never sends, each with its reason. A form that is not here and was not sent fails the test.
_NOTHING_DUE = "a case of the walk is closed today, and due years from now; tests/erasure sends this form, the mark in its reason"
_NO_EMERGENCY = "asks for a case number that is not on the page, and a whole sentence; tests/emergency sends it, the mark in its texts"
_NO_MANAGER = "a button without text, for a unit manager or about what waits for one, whom the walk is not; tests/accounts presses it"
_NO_FILE = "takes a file, which the walk has not; tests/importing sends one, the mark in its cells, and goes the whole way"
_NO_TABLE = "takes a table in the plan's codes, which the walk has not; tests/statistics sends one, the mark in its name, to the end"
NEVER_SENT: dict[str, str] = {
    **dict.fromkeys((f"importing.{name}" for name in ("start", "sheet", "columns", "values", "check", "progress", "result")), _NO_FILE),
    "importing.throw_away": _NO_FILE,
    **dict.fromkeys(("members.approve", "members.refuse", "members.confirm_absence", "members.refuse_absence"), _NO_MANAGER),
    **dict.fromkeys(("members.appoint", "members.take_back"), _NO_MANAGER),
    **dict.fromkeys(("emergency.begin", "emergency.end", "emergency.review"), _NO_EMERGENCY),
    "cases.agree": "takes a second person of an agency, who walks nowhere; tests/consent sends it, and it has no field",
    "cases.informed": "asks for a day alone, of whoever told nobody before; the walk names the day at once",
    "plans.agreements": "asks for answers that were missing when a version was fixed; the walk gives all at once, and tests/plans sends it",
    **dict.fromkeys((f"statistics.{name}_outside" for name in ("new", "approve", "reject")), _NO_TABLE),
    "statistics.confirm_recall": "a button; on the walk whoever asks for a recall lets the release stand, and tests/statistics presses it",
    "statistics.cancel": "calls off work that goes on, which on the walk is done when the page answers; tests/statistics sends it",
    "plans.excerpt": "is answered with the paper itself and leads nowhere; tests/consent sends it, and it has no field",
    **dict.fromkeys(("erasure.propose", "erasure.approve", "erasure.take_back", "erasure.hold", "erasure.lift_hold"), _NOTHING_DUE),
}
#: Pages that no link leads to on the walk.
UNREACHED = {
    "meetings.minutes": "no meeting of the walk has gone through a case when it is over; tests/meetings reads them",
    "statistics.preparation": "leads on to the release at once, since the work is done when the page answers; tests/statistics looks at it",
    "statistics.outside_table": "no table was recorded on the walk; tests/statistics reads one",
    "statistics.preparation_step": "is what that page asks for",
}
#: Text fields that take no free text: days, hours, numbers, codes, e-mail addresses, and the identity number (searched for as itself).
NO_FREE_TEXT = {
    "born", "by_#", "case", "cases_a_day", "closed_on", "code", "day", "decided_on_#", "due_on",
    "email", "ended_on", "from_day", "hour", "informed_on", "instrument_on", "longest_months", "measured_on", "minimum_population",
    "next_on", "number", "occurred_on", "oldest", "on_#", "opened_on", "review_on", "rounding_base", "sample", "shared_on",
    "started_on", "threshold",
    "times_median", "under_#", "until_day", "valid_from", "valid_to", "width", "work_begins", "work_ends", "years", "youngest",
}  # fmt: skip
#: Typed to prove who one is: the mark was typed once and refused.
PROOFS = {("accounts.sign_in", "login"), ("accounts.sign_in", "password"), ("accounts.change_password", "current_password")}


@dataclass
class Way:
    """One walk, and what was left behind by it."""

    walk: Walk
    home: Path
    running: dict[str, bytes]
    afterwards: dict[str, bytes]
    logged: bytes
    opened_for_writing: list[str]


# -- the detector -----------------------------------------------------------------------------------------------------


def encodings(text: str) -> dict[str, list[bytes]]:
    """Every way this text may lie in a file: name of the encoding → the bytes to search for."""
    found: dict[str, list[bytes]] = {}
    for name, form in (("NFC", text), ("NFD", unicodedata.normalize("NFD", text))):
        utf8 = form.encode()
        found[f"{name} utf-8"] = [utf8]
        found[f"{name} utf-16"] = [form.encode("utf-16-le"), form.encode("utf-16-be")]
        found[f"{name} hex"] = [utf8.hex().encode(), utf8.hex().upper().encode()]
        found[f"{name} base64"] = [*_in_base64(utf8), *_in_base64(form.encode("utf-16-le"))]
        found[f"{name} address"] = [quote(form).encode(), quote_plus(form).encode(), quote(form).lower().encode()]
        found[f"{name} escaped"] = [form.encode("ascii", "backslashreplace"), _in_json(form)]
        found[f"{name} reversed"] = [form[::-1].encode()]
    found["latin-1"] = [text.encode("latin-1")]
    return found


def _in_json(text: str) -> bytes:
    return "".join(letter if letter.isascii() else f"\\u{ord(letter):04x}" for letter in text).encode()


def _in_base64(text: bytes) -> list[bytes]:
    """What of the text's base64 does not depend on its neighbours, for each of the three places it may begin at, both alphabets."""
    cores = []
    for before in range(3):
        whole = base64.b64encode(b"\0" * before + text)
        begin, end = -(-before * 8 // 6), (before + len(text)) * 8 // 6
        cores.append(whole[begin:end])
    return cores + [core.translate(bytes.maketrans(b"+/", b"-_")) for core in cores]


def spellings() -> list[str]:
    """What must not be found: the mark as typed, folded and in capitals, the password, and an identity number in each way of writing."""
    day = f"{BIRTH[:4]}-{BIRTH[4:6]}-{BIRTH[6:]}"
    numbers = [f"{BIRTH[2:]}{between}{serial}" for between in ("", "-", "+", " ") for serial in ("98", "99")]
    return [MARK, MARK.casefold(), MARK.upper(), SECRET, day, *numbers]


def hits(places: dict[str, bytes]) -> list[str]:
    """Where something that was typed is found, and in which encoding."""
    needles = [(spelling, name, needle) for spelling in spellings() for name, each in encodings(spelling).items() for needle in each]
    found = {
        f"{place}: {spelling!r} as {name}" for place, content in places.items() for spelling, name, needle in needles if needle in content
    }
    return sorted(found)


# -- the way ----------------------------------------------------------------------------------------------------------


def everything_stored(installation: Installation) -> dict[str, bytes]:
    """Every file of the installation, and every row of its tables where they lie on a server."""
    places = {str(file.relative_to(installation.home)): file.read_bytes() for file in installation.home.rglob("*") if file.is_file()}
    if installation.is_postgresql:
        with psycopg.connect(installation.environment["CASEAPP_DATABASE_URL"].replace("+psycopg", "")) as connection:
            tables = connection.execute("SELECT schemaname, tablename FROM pg_tables WHERE schemaname IN ('public', 'keystore')").fetchall()
            for schema, table in tables:
                rows = connection.execute(f'SELECT * FROM "{schema}"."{table}"').fetchall()  # type: ignore[call-overload]
                places[f"{schema}.{table}"] = b"\n".join(_as_bytes(value) for row in rows for value in row)
    return places


def _earlier_work(app: Flask, municipality: Municipality) -> None:
    """A case noticed three quarters ago: without quarters that have ended no release is prepared, and one each is taken back,
    turned down and approved. It was read on four days of last month: without readings nobody is asked about one.
    """
    before = quarter(clock.today()).start - timedelta(days=30 + 2 * 92)
    karin, admin, me = (actor_of(app, municipality["karin"]), actor_of(app, municipality["admin"]), municipality["karin"])
    last_month = clock.now().replace(day=1) - timedelta(days=6)
    with clock.at(last_month - timedelta(days=1)):
        worked_here_since(admin, me.id, clock.today())
        case_id = start_case(karin, municipality.teams["norr"], person=NewPerson("Alva Lind", "f"), opened_on=before)
    for days in range(4):
        with clock.at(last_month + timedelta(days=days)):
            read_case(karin, case_id)


def _as_bytes(value: Any) -> bytes:
    return bytes(value) if isinstance(value, (bytes, memoryview)) else str(value).encode()


@contextmanager
def everything_said() -> Iterator[io.StringIO]:
    """What is logged at any level and printed meanwhile."""
    said = io.StringIO()
    handler, root = logging.StreamHandler(said), logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        with redirect_stdout(said), redirect_stderr(said):
            yield said
    finally:
        root.removeHandler(handler)
        root.setLevel(before)


_listening: list[list[str]] = []


def _listen(event: str, arguments: tuple[Any, ...]) -> None:
    if not _listening:
        return
    if event == "open" and isinstance(arguments[0], str) and isinstance(arguments[1], str) and set(arguments[1]) & set("wax+"):
        _listening[-1].append(arguments[0])
    elif event == "tempfile.mkstemp":
        _listening[-1].append(str(arguments[0]))


sys.addaudithook(_listen)


@pytest.fixture
def way(workshop: Workshop, backend: str) -> Way:
    """The walk on this kind of database; made once for all tests."""

    def go(app: Flask, invitation: str) -> Way:
        municipality: Municipality = build(app, invitation)
        opened: list[str] = []
        _listening.append(opened)
        with everything_said() as said:
            _earlier_work(app, municipality)
            made = walk(app, municipality)
        _listening.pop()
        config = app.extensions["caseapp.config"]
        here = Installation(config.home, {"CASEAPP_DATABASE_URL": config.database_url})
        return Way(made, config.home, everything_stored(here), {}, said.getvalue().encode(), opened)

    installation, made = workshop.template(backend, "walked", go)
    found: Way = made
    found.afterwards = found.afterwards or everything_stored(installation)
    return found


pytestmark = pytest.mark.timeout(900)


# -- the tests --------------------------------------------------------------------------------------------------------


def test_every_form_of_the_url_map_was_sent_and_taken(way: Way, empty_app: Flask) -> None:
    takes_forms = {rule.endpoint for rule in empty_app.url_map.iter_rules() if "POST" in (rule.methods or ())}
    assert takes_forms - way.walk.endpoints_sent() == set(NEVER_SENT), {str(kind): why for kind, why in way.walk.refused.items()}


def test_every_form_that_was_met_on_a_page_was_taken_once(way: Way) -> None:
    taken = {(sent.kind.endpoint, sent.kind.button) for sent in way.walk.sent}
    met = {(kind.endpoint, kind.button): where for kind, where in way.walk.met.items() if kind.endpoint not in NEVER_SENT}
    unsent = {place: where for place, where in met.items() if place not in taken}
    assert not unsent, {str(kind): why for kind, why in way.walk.refused.items()}


def test_every_text_field_took_the_mark(way: Way) -> None:
    asked = {place for place in way.walk.fields if place[0] not in NEVER_SENT and place[1] not in NO_FREE_TEXT}
    without = asked - set(way.walk.taken)
    assert without - PROOFS == set()


def test_every_page_can_be_reached_by_links_and_buttons(way: Way, empty_app: Flask) -> None:
    shown = {rule.endpoint for rule in empty_app.url_map.iter_rules() if "GET" in (rule.methods or ())}
    fetched = {_endpoint(empty_app, address) for address, _content in way.walk.downloads}
    unseen = shown - set(way.walk.pages) - fetched - {"static", "bootstrap.static"} - set(NEVER_SENT)
    assert unseen == set(UNREACHED)


def _endpoint(app: Flask, address: str) -> str:
    try:
        return str(app.url_map.bind("localhost").match(address.partition("?")[0])[0])
    except HTTPException:  # a form's answer
        return ""


def test_every_page_met_on_the_way_was_a_good_one(way: Way) -> None:
    assert way.walk.wrong == []


def test_no_form_and_no_page_gave_a_server_error(way: Way) -> None:
    assert {status for status in way.walk.statuses if status >= 500} == set()


def test_what_was_typed_was_kept_and_comes_back_on_pages(way: Way) -> None:
    """Otherwise the search below would find nothing because nothing was stored."""
    kept = {endpoint for (endpoint, _field), text in way.walk.taken.items() if text in way.walk.shown}
    cases = {"cases.new_case", "cases.new_note", "cases.new_related", "consent.ask"}
    work = {"plans.goal", "plans.new_commitment", "followup.new_measure", "meetings.new", "review.ask", "review.question"}
    assert cases | work | {"accounts.new_agency", "accounts.invite_person"} <= kept


def test_nothing_typed_is_stored_in_the_open(way: Way) -> None:
    assert len(way.running) > 3
    assert hits(way.running) == []
    assert hits(way.afterwards) == []


def test_nothing_typed_is_logged_or_printed(way: Way) -> None:
    assert hits({"log": way.logged}) == []


def test_nothing_typed_stands_in_an_address_or_a_cookie(way: Way) -> None:
    assert len(way.walk.addresses) > 500
    assert way.walk.cookies
    assert hits({"addresses": "\n".join(way.walk.addresses).encode(), "cookies": "\n".join(way.walk.cookies).encode()}) == []


def test_nothing_typed_leaves_in_what_is_fetched_and_is_no_page(way: Way) -> None:
    assert hits({f"{number} {address}": content for number, (address, content) in enumerate(way.walk.downloads)}) == []


def test_nothing_was_written_to_temporary_files(way: Way) -> None:
    assert [path for path in way.opened_for_writing if not path.startswith((str(way.home), "/dev/"))] == []


# -- the detector finds what it is to find ----------------------------------------------------------------------------

WAYS_TO_WRITE: dict[str, Callable[[str], bytes]] = {
    "utf-8": str.encode,
    "utf-16-le": lambda text: text.encode("utf-16-le"),
    "utf-16-be": lambda text: text.encode("utf-16-be"),
    "latin-1": lambda text: text.encode("latin-1"),
    "NFD": lambda text: unicodedata.normalize("NFD", text).encode(),
    "hex": lambda text: text.encode().hex().encode(),
    "HEX": lambda text: text.encode().hex().upper().encode(),
    "base64": lambda text: base64.b64encode(text.encode()),
    "base64, one byte in": lambda text: base64.b64encode(b"x" + text.encode()),
    "base64, two bytes in": lambda text: base64.b64encode(b"xy" + text.encode()),
    "base64 for addresses": lambda text: base64.urlsafe_b64encode(b"<<" + text.encode() + b">>"),
    "NFD in base64": lambda text: base64.b64encode(unicodedata.normalize("NFD", text).encode()),
    "address": lambda text: quote(text).encode(),
    "json": lambda text: json.dumps({"text": text}).encode(),
    "repr": lambda text: ascii(text).encode(),
    "folded": lambda text: text.casefold().encode(),
    "capitals": lambda text: text.upper().encode(),
}


@pytest.mark.parametrize("way_to_write", WAYS_TO_WRITE)
def test_the_detector_finds_a_planted_text_in_every_encoding(way_to_write: str) -> None:
    content = b"\x00\x01noise" + WAYS_TO_WRITE[way_to_write](f"{MARK} 7x") + b"noise\xff"
    assert hits({"file": content})
    assert not hits({"file": WAYS_TO_WRITE[way_to_write]("Kväsafjöll 7x")})


@pytest.mark.parametrize("written", [identity_number(998), identity_number(985)[2:], "990217-9903", "19990217-9903", "1999-02-17"])
def test_the_detector_finds_an_identity_number(written: str) -> None:
    assert hits({"file": f"x{written}x".encode()})


def test_the_detector_finds_what_is_planted_in_the_database_the_log_and_a_temporary_file(
    app: Flask, installation: Installation, tmp_path: Path
) -> None:
    database = app.extensions["caseapp.database"]
    assert hits(everything_stored(installation)) == []
    with database.engine.begin() as connection:
        connection.exec_driver_sql(f"UPDATE agency SET actor = '{MARK}'")
    found = hits(everything_stored(installation))
    assert any(place.startswith(("caseapp.db", "public.agency")) for place in found), found
    with everything_said() as said:
        logging.getLogger("caseapp.anything").debug("typed: %s", MARK)
        print(SECRET)
    assert len(hits({"log": said.getvalue().encode()})) >= 2
    opened: list[str] = []
    _listening.append(opened)
    (tmp_path / "elsewhere").write_text("x")
    _listening.pop()
    assert str(tmp_path / "elsewhere") in opened


def test_the_identity_numbers_that_are_typed_are_taken_for_real_ones() -> None:
    """Check digit by hand for 990217-998?: 9·2=18→9, 9, 0, 2, 1·2=2, 7, 9·2=18→9, 9, 8·2=16→7: sum 54, so the check digit is 6."""
    assert identity_number(998) == "199902179986"
