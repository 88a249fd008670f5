"""Search: a name among 5 000, as a whole request, and an identity number among a million, against a plain indexed look-up."""

import re
import tempfile
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import String, insert, select, text
from sqlalchemy.orm import Mapped, mapped_column

from caseapp import create_app
from caseapp.cases.starting import number_index
from caseapp.db import Base, Database, new_id, transaction
from caseapp.formats import PersonalNumber, clock, parse_personal_number
from caseapp.keyholder import create_keyring
from tests.municipality import Codes, Municipality, sign_in
from tests.pages import PageClient

from . import Figure, as_in_a_worker, in_turn, milliseconds, ratio
from .town import make, plaintext, settings

_TYPED = "20110415-2382"  # a test number of the tax agency's range
_WORDS = "linnéa jön"
_LOOK_UPS = 200  # one alone is too short for the clock


class ByIndex(Base):
    """What a look-up of a number touches in a case's row."""

    __tablename__ = "measured_by_index"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    number_index: Mapped[str] = mapped_column(String(32), index=True)


class ByNumber(Base):
    """The same with the number in the open."""

    __tablename__ = "measured_by_number"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    number: Mapped[str] = mapped_column(String(12), index=True)


def measure(*, quick: bool) -> Iterator[Figure]:
    """The figures for 5 000 names and a million numbers (500 and 20 000 with `quick`)."""
    yield from _names(*((500, 5) if quick else (5_000, 15)))
    yield from _numbers(*((20_000, 5) if quick else (1_000_000, 15)))


def _names(cases: int, rounds: int) -> Iterator[Figure]:
    with tempfile.TemporaryDirectory() as place:
        sealed_home, plain_home = Path(place) / "sealed", Path(place) / "plain"
        sealed = _searcher(sealed_home, make(sealed_home, cases))
        with plaintext():
            plain = _searcher(plain_home, make(plain_home, cases))

        def without() -> bytes:
            with plaintext():
                return plain()

        hits = [len(set(re.findall(rb'href="/cases/([0-9a-f-]{36})', answer))) for answer in (sealed(), without())]
        assert 0 < hits[0] == hits[1] < cases / 50, hits
        with as_in_a_worker():
            taken = in_turn(rounds, sealed=sealed, plain=without)
    size = f"{cases} cases, {hits[0]} hits; processor time of the whole request, page and log entry included"
    yield Figure(f"search of {cases} names", milliseconds(taken["sealed"]), "ms", 100, note=size)
    yield Figure("the same program without cryptography", milliseconds(taken["plain"]), "ms", note=size)
    yield Figure("search by name against the same program without it", ratio(taken["sealed"], taken["plain"]), "×", note=size)


def _searcher(home: Path, town: Municipality) -> Callable[[], bytes]:
    app: Any = create_app(settings(home))
    app.test_client_class = PageClient
    client = sign_in(app.test_client(), town["karin"], Codes())
    # past the client's own look at every page, which would be measured otherwise
    form = FlaskClient.open(client, "/cases", base_url="https://localhost").get_data(as_text=True)
    token = re.search(r'name="csrf_token"[^>]* value="([^"]+)"', form)
    assert token is not None

    def search() -> bytes:
        answer = FlaskClient.open(
            client,
            "/cases/search",
            method="POST",
            data={"words": _WORDS, "csrf_token": token[1]},
            base_url="https://localhost",
            headers={"Referer": "https://localhost/cases"},
        )
        assert answer.status_code == 200, answer.status_code
        return bytes(answer.data)

    return search


def _numbers(rows: int, rounds: int) -> Iterator[Figure]:
    with tempfile.TemporaryDirectory() as place:
        home = Path(place)
        database = Database(f"sqlite:///{home}/rows.db", f"sqlite:///{home}/keys.db", create_keyring(home / "master.key"))
        database.keyholder.create(new_id(), clock.now())
        tables: Any = [ByIndex.__table__, ByNumber.__table__]
        Base.metadata.create_all(database.engine, tables=tables)
        database.bind()
        sought = parse_personal_number(_TYPED, today=clock.today())
        _fill(database, rows, sought)

        def repeated(look: Callable[[Any], object]) -> Callable[[], None]:
            def run() -> None:
                with transaction(reading=True) as session:
                    for _ in range(_LOOK_UPS):
                        look(session)

            return run

        def by_index(session: Any) -> list[str]:
            return list(session.scalars(select(ByIndex.id).where(ByIndex.number_index == number_index(_parsed()))))

        def by_number(session: Any) -> list[str]:
            return list(session.scalars(select(ByNumber.id).where(ByNumber.number == _parsed().canonical)))

        with transaction(reading=True) as session:
            assert by_index(session) == by_number(session) == ["sought"]
        taken = in_turn(rounds, sealed=repeated(by_index), plain=repeated(by_number))
        database.dispose()
    note = f"{rows} numbers on SQLite; what was typed is read in both"
    yield Figure("look-up of an identity number against a plain index", ratio(taken["sealed"], taken["plain"]), "×", 2.0, note=note)
    yield Figure("look-up of an identity number", milliseconds(taken["sealed"]) / _LOOK_UPS, "ms", note=note)


def _parsed() -> PersonalNumber:
    return parse_personal_number(_TYPED, today=clock.today())


def _fill(database: Database, rows: int, sought: PersonalNumber) -> None:
    numbers = count()
    with database.engine.begin() as connection:
        for start in range(0, rows, 10_000):
            some = [next(numbers) for _ in range(min(10_000, rows - start))]
            indexes = [{"id": str(n), "number_index": database.keyholder.blind_index("measured", str(n))} for n in some]
            connection.execute(insert(ByIndex), indexes)
            connection.execute(insert(ByNumber), [{"id": str(n), "number": f"{n:012d}"} for n in some])
        connection.execute(insert(ByIndex), [{"id": "sought", "number_index": number_index(sought)}])
        connection.execute(insert(ByNumber), [{"id": "sought", "number": sought.canonical}])
        connection.execute(text("ANALYZE"))
