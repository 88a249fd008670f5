"""The key store: what is handed out to the letter, what a wrong key gets, and that a destroyed key stays destroyed."""

from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.pool import NullPool

from caseapp.crypto import Damaged, new_key
from caseapp.db.engine import make_engine
from caseapp.keyholder import Keyholder, KeyRefused, Keyring, WrongMasterKey

NOW = datetime(2026, 11, 20, 11, 0, tzinfo=UTC)
SCHOOL, POLICE, HEALTH, OFFENCES = "school", "police", "health", "offences"


class Store:
    """A key store in a directory, with the hands of its owner and of an attacker."""

    def __init__(self, directory: Path, keyring: Keyring | None = None, installation: str = "installation") -> None:
        self.directory, self.keyring = directory, keyring or Keyring(1, {1: new_key()})
        self.url = f"sqlite:///{directory}/keystore.db"
        self.engine = make_engine(self.url)
        self.keyholder = Keyholder(self.engine, self.keyring)
        self.keyholder.create(installation, NOW)

    def opened_with(self, keyring: Keyring) -> Keyholder:
        keyholder = Keyholder(self.engine, keyring)
        keyholder.open()
        return keyholder

    def attack(self, statement: str) -> None:
        engine = create_engine(self.url, poolclass=NullPool)
        with engine.begin() as connection:
            assert connection.execute(text(statement)).rowcount
        engine.dispose()

    def content(self) -> str:
        engine = create_engine(self.url, poolclass=NullPool)
        with engine.connect() as connection:
            found = [connection.execute(text(f"SELECT * FROM {table}")).all() for table in ("installation", "purpose_key", "case_key")]
        engine.dispose()
        return repr(found)

    def files(self) -> bytes:
        return b"".join(file.read_bytes() for file in self.directory.iterdir())


@pytest.fixture
def store(tmp_path):
    store = Store(tmp_path)
    yield store
    store.engine.dispose()


# -- opening ----------------------------------------------------------------------------------------------------------


def test_the_right_master_key_finds_every_purpose_key_again(store):
    again = store.opened_with(store.keyring)
    purposes = ("lookup", "audit", "rows", "office", "credentials", "sessions")
    keys = [again.purpose_key(name) for name in purposes]
    assert keys == [store.keyholder.purpose_key(name) for name in purposes]
    assert len(set(keys)) == 6
    assert again.installation_id == "installation"


@pytest.mark.parametrize("version", [1, 2])
def test_a_wrong_master_key_is_refused_in_one_sentence_and_nothing_is_changed(store, version):
    before = store.content()
    with pytest.raises(WrongMasterKey, match=r"^The key file .* Nothing was changed\.$"):
        store.opened_with(Keyring(version, {version: new_key()}))
    assert store.content() == before


def test_a_master_key_of_another_installation_is_refused(store, tmp_path):
    (tmp_path / "other").mkdir()
    other = Store(tmp_path / "other")
    other.engine.dispose()
    with pytest.raises(WrongMasterKey):
        store.opened_with(other.keyring)


def test_wrapped_keys_belong_to_their_installation(store):
    store.attack("UPDATE installation SET id = 'another'")
    with pytest.raises(WrongMasterKey):
        store.opened_with(store.keyring)


def test_purpose_keys_cannot_change_places(store):
    store.attack("UPDATE purpose_key SET wrapped = (SELECT wrapped FROM purpose_key WHERE name = 'audit') WHERE name = 'rows'")
    with pytest.raises(WrongMasterKey):
        store.opened_with(store.keyring)


def test_an_empty_store_is_refused_with_what_to_do(tmp_path):
    engine = make_engine(f"sqlite:///{tmp_path}/keystore.db")
    with pytest.raises(KeyRefused, match="init"):
        Keyholder(engine, Keyring(1, {1: new_key()})).open()
    engine.dispose()


@pytest.mark.parametrize("lost", ["DELETE FROM installation", "DELETE FROM purpose_key WHERE name = 'audit'", "DELETE FROM purpose_key"])
def test_a_store_that_lost_a_row_is_refused_and_nothing_is_made_in_its_place(store, lost):
    store.attack(lost)
    before = store.content()
    with pytest.raises(KeyRefused, match="not complete"):
        store.opened_with(store.keyring)
    assert store.content() == before


def test_a_store_is_not_made_twice(store):
    before = store.content()
    with pytest.raises(IntegrityError):
        Keyholder(store.engine, store.keyring).create("second", NOW)
    assert store.content() == before


def test_no_key_lies_in_the_store_in_the_open(store):
    store.keyholder.new_case("case", NOW)
    written = store.files()
    assert b"case_key" in written
    for key in [*store.keyring.keys.values(), *(store.keyholder.purpose_key(name) for name in ("lookup", "audit", "rows"))]:
        assert key not in written
        assert key.hex().encode() not in written


# -- handing out ------------------------------------------------------------------------------------------------------

EVERYWHERE = [("case 1", *pair) for pair in product((SCHOOL, POLICE), (HEALTH, OFFENCES))]


def test_exactly_what_was_asked_for_is_handed_out(store):
    for case in ("case 1", "case 2", "case 3"):
        store.keyholder.new_case(case, NOW)
    handed = store.keyholder.hand_out({"case 1": [(SCHOOL, HEALTH), (POLICE, OFFENCES)], "case 2": [(SCHOOL, HEALTH)], "case 3": []})
    assert set(handed) == {("case 1", SCHOOL, HEALTH), ("case 1", POLICE, OFFENCES), ("case 2", SCHOOL, HEALTH)}
    assert store.keyholder.hand_out({}) == {}


def test_no_compartment_or_drawer_opens_what_another_sealed(store):
    for case in ("case 1", "case 2"):
        store.keyholder.new_case(case, NOW)
    pairs = [pair for _case, *pair in EVERYWHERE]
    handed = store.keyholder.hand_out({"case 1": pairs, "case 2": pairs})
    sealers = {(*where, drawer): getattr(key, drawer) for where, key in handed.items() for drawer in ("text", "codes")}
    assert len(sealers) == 2 * 4 * 2
    for where, sealer in sealers.items():
        envelope = sealer.seal(b"text", b"row")
        opening = {other for other, key in sealers.items() if _opens(key, envelope)}
        assert opening == {where}


def _opens(sealer, envelope):
    try:
        return sealer.open(envelope, b"row") == b"text"
    except Damaged:
        return False


def test_the_same_compartment_opens_again_later(store):
    store.keyholder.new_case("case 1", NOW)
    wanted = {"case 1": [(SCHOOL, HEALTH)]}
    ((_where, first),) = store.keyholder.hand_out(wanted).items()
    ((_where, later),) = store.opened_with(store.keyring).hand_out(wanted).items()
    assert later.text.open(first.text.seal(b"text", b"row"), b"row") == b"text"
    assert later.codes.open(first.codes.seal(b"codes", b"row"), b"row") == b"codes"


def test_statistics_gets_the_codes_drawer_and_no_text(store):
    store.keyholder.new_case("case 1", NOW)
    wanted = {"case 1": [(SCHOOL, HEALTH)]}
    (full,) = store.keyholder.hand_out(wanted).values()
    (codes_only,) = store.keyholder.hand_out(wanted, codes_only=True).values()
    assert codes_only.text is None
    assert codes_only.codes.open(full.codes.seal(b"codes", b"row"), b"row") == b"codes"
    assert not _opens(codes_only.codes, full.text.seal(b"text", b"row"))


def test_an_unknown_case_is_left_out(store):
    assert store.keyholder.hand_out({"nowhere": [(SCHOOL, HEALTH)]}) == {}


def test_more_cases_than_fit_in_one_question_are_all_handed_out(store):
    cases = [f"case {number}" for number in range(501)]
    for case in cases:
        store.keyholder.new_case(case, NOW)
    assert {where[0] for where in store.keyholder.hand_out({key: [(SCHOOL, HEALTH)] for key in cases})} == set(cases)


def test_a_case_key_copied_to_another_case_is_refused(store):
    for case in ("case 1", "case 2"):
        store.keyholder.new_case(case, NOW)
    store.attack("UPDATE case_key SET wrapped = (SELECT wrapped FROM case_key WHERE case_id = 'case 1') WHERE case_id = 'case 2'")
    with pytest.raises(KeyRefused):
        store.keyholder.hand_out({"case 2": [(SCHOOL, HEALTH)]})


def test_a_handed_out_key_never_shows_itself(store):
    store.keyholder.new_case("case 1", NOW)
    (key,) = store.keyholder.hand_out({"case 1": [(SCHOOL, HEALTH)]}).values()
    assert not hasattr(key, "__dict__")
    assert "b'" not in repr(key) + repr(key.text)


def test_look_up_values_are_of_this_installation(store, tmp_path):
    (tmp_path / "other").mkdir()
    other = Store(tmp_path / "other")
    other.engine.dispose()
    assert store.keyholder.blind_index("team", "201204152380") != other.keyholder.blind_index("team", "201204152380")
    assert store.keyholder.blind_index("team", "201204152380") == store.opened_with(store.keyring).blind_index("team", "201204152380")


# -- destroying -------------------------------------------------------------------------------------------------------


def test_a_destroyed_key_is_handed_out_to_nobody_and_the_others_are(store):
    for case in ("case 1", "case 2"):
        store.keyholder.new_case(case, NOW)
    store.keyholder.destroy_case("case 1", NOW)
    handed = store.keyholder.hand_out({key: [(SCHOOL, HEALTH)] for key in ("case 1", "case 2")})
    assert set(handed) == {("case 2", SCHOOL, HEALTH)}


def test_a_destroyed_key_leaves_no_trace_in_the_files(store):
    store.keyholder.new_case("case 1", NOW)
    with store.engine.connect() as connection:
        wrapped = connection.execute(text("SELECT wrapped FROM case_key")).scalar_one()
    assert wrapped in store.files()
    store.keyholder.destroy_case("case 1", NOW)
    assert wrapped not in store.files()


def test_a_destroyed_key_stays_destroyed_from_the_moment_it_was(store):
    store.keyholder.new_case("case 1", NOW)
    store.keyholder.destroy_case("case 1", NOW)
    before = store.content()
    assert NOW.isoformat() in before
    with pytest.raises(KeyRefused):
        store.keyholder.destroy_case("case 1", NOW + timedelta(days=1))
    with pytest.raises(IntegrityError):
        store.keyholder.new_case("case 1", NOW + timedelta(days=1))
    assert store.content() == before


def test_a_key_that_does_not_exist_cannot_be_destroyed(store):
    with pytest.raises(KeyRefused, match="no key to destroy for case nowhere"):
        store.keyholder.destroy_case("nowhere", NOW)
