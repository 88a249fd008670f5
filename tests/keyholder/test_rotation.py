"""The key store while keys are replaced: who still opens what, what an older store gets, and that nobody wraps by a key that is gone."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import create_engine, inspect, text
from sqlalchemy.pool import NullPool

from caseapp.crypto import Damaged, Sealer, SuccessorSealer
from caseapp.db.engine import make_engine
from caseapp.keyholder import Keyholder, KeyringError, KeyStanding, MasterVersion, WrongMasterKey, read_keyring
from caseapp.keyholder.key_file import KeyFile
from caseapp.upkeep.key_age import key_age_warnings

NOW = datetime(2026, 11, 20, 11, 0, tzinfo=UTC)
LATER = NOW + timedelta(days=30)
COMPARTMENT = [("school", "health")]


class Site:
    """A key file and a key store, and as many processes' keyholders as are asked for."""

    def __init__(self, directory: Path) -> None:
        self.file, self.url = directory / "master.key", f"sqlite:///{directory}/keystore.db"
        self.engine = make_engine(self.url)
        master = KeyFile(self.file)
        master.create()
        self.first = Keyholder(self.engine, master)
        self.first.create("installation", NOW)

    def another(self) -> Keyholder:
        master = KeyFile(self.file)
        master.open()
        keyholder = Keyholder(self.engine, master)
        keyholder.open()
        return keyholder

    def rotate(self) -> tuple[int, ...]:
        """By a process of its own."""
        rotation = self.another().master_rotation()
        assert rotation.begin(LATER)
        list(rotation.rewrap())
        return rotation.remove_unused()

    def attack(self, statement: str) -> None:
        engine = create_engine(self.url, poolclass=NullPool)
        with engine.begin() as connection:
            connection.execute(text(statement))
        engine.dispose()


@pytest.fixture
def site(tmp_path):
    site = Site(tmp_path)
    yield site
    site.engine.dispose()


def test_a_running_process_goes_on_after_the_master_key_was_rotated_by_another(site):
    running = site.another()
    running.new_case("before", NOW)
    (key,) = running.hand_out({"before": COMPARTMENT}).values()
    sealed = key.text.seal(b"text", b"row")
    assert site.rotate() == (1,)
    (again,) = running.hand_out({"before": COMPARTMENT}).values()
    assert again.text.open(sealed, b"row") == b"text"


def test_no_process_wraps_a_new_key_by_a_version_that_was_removed(site):
    running = site.another()
    assert site.rotate() == (1,)
    running.new_case("after", LATER)
    assert set(site.another().hand_out({"after": COMPARTMENT})) == {("after", *COMPARTMENT[0])}


def test_a_version_in_use_is_not_removed(site):
    site.first.new_case("case", NOW)
    rotation = site.another().master_rotation()
    rotation.begin(LATER)
    assert rotation.remaining() == 7
    assert rotation.remove_unused() == ()
    assert list(read_keyring(site.file).keys) == [1, 2]
    assert not site.another().master_rotation().begin(LATER)  # nothing new before this one is finished
    assert list(read_keyring(site.file).keys) == [1, 2]
    with pytest.raises(KeyringError, match="in use"):
        KeyFile(site.file).remove_version(2)


def test_a_rotation_with_a_case_key_that_does_not_open_stops_and_removes_nothing(site):
    for case in ("case 1", "case 2"):
        site.first.new_case(case, NOW)
    site.attack("UPDATE case_key SET wrapped = (SELECT wrapped FROM case_key WHERE case_id = 'case 1') WHERE case_id = 'case 2'")
    with pytest.raises(WrongMasterKey):
        site.rotate()
    assert list(read_keyring(site.file).keys) == [1, 2]
    assert set(site.another().hand_out({"case 1": COMPARTMENT})) == {("case 1", *COMPARTMENT[0])}


def test_what_a_crash_left_beside_the_key_file_is_not_taken_for_it(site):
    site.file.with_name("master.key.new").write_text("half a key")
    site.rotate()
    assert [path.name for path in site.file.parent.iterdir() if path.name.startswith("master")] == ["master.key"]
    site.another()


def test_a_key_file_that_cannot_be_written_stops_the_rotation_before_anything_is_wrapped(site):
    site.file.with_name("master.key.new").mkdir()  # in the way, for root too
    with pytest.raises(KeyringError, match="cannot be written"):
        site.rotate()
    assert list(read_keyring(site.file).keys) == [1]
    assert site.another().standing().versions[0].purpose_keys == 6


def test_an_older_key_store_gets_the_tables_it_lacks_and_keeps_what_it_has(site):
    site.first.new_case("case", NOW)
    for table in ("earlier_case_key", "master_version", "case_rotation"):
        site.attack(f"DROP TABLE {table}")
    assert set(site.another().hand_out({"case": COMPARTMENT})) == {("case", *COMPARTMENT[0])}
    assert {"earlier_case_key", "master_version", "case_rotation"} <= set(inspect(site.engine).get_table_names())


def test_the_age_of_each_version_is_known(site):
    site.first.new_case("case", NOW)
    site.another().master_rotation().begin(LATER)
    versions = site.another().standing().versions
    assert [(v.version, v.made_at, v.is_current, v.purpose_keys, v.case_keys) for v in versions] == [
        (1, NOW, False, 6, 1),
        (2, LATER, True, 0, 0),
    ]


# -- two keys at once -------------------------------------------------------------------------------------------------


def test_a_successor_seals_with_the_first_key_and_opens_with_each():
    newest, earlier, stranger = Sealer(b"\1" * 32, b"here"), Sealer(b"\2" * 32, b"here"), Sealer(b"\3" * 32, b"here")
    both = SuccessorSealer([newest, earlier])
    assert newest.open(both.seal(b"text", b"row"), b"row") == b"text"
    assert both.open(earlier.seal(b"text", b"row"), b"row") == b"text"
    for damaged in (stranger.seal(b"text", b"row"), earlier.seal(b"text", b"another row"), b""):
        with pytest.raises(Damaged):
            both.open(damaged, b"row")
        with pytest.raises(Damaged):
            both.renewed(damaged, b"row")


def test_renewing_changes_the_key_and_nothing_else():
    newest, earlier = Sealer(b"\1" * 32), Sealer(b"\2" * 32)
    both = SuccessorSealer([newest, earlier])
    assert newest.open(both.renewed(earlier.seal(b"\x80\0\0", b"row"), b"row"), b"row") == b"\x80\0\0"
    assert both.renewed(newest.seal(b"text", b"row"), b"row") is None
    assert newest.renewed(newest.seal(b"text", b"row"), b"row") is None
    with pytest.raises(Damaged):
        newest.renewed(earlier.seal(b"text", b"row"), b"row")


# -- warnings ---------------------------------------------------------------------------------------------------------


def _standing(*versions: MasterVersion, lingering: int = 0, since: datetime | None = None) -> KeyStanding:
    return KeyStanding("file", versions, 3, lingering, since)


CURRENT = MasterVersion(2, NOW, True, 6, 3, 0)


@pytest.mark.parametrize(
    ("standing", "now", "words"),
    [
        (_standing(CURRENT), NOW, []),
        (_standing(CURRENT), NOW + timedelta(days=365, hours=23), []),
        (_standing(CURRENT), NOW + timedelta(days=366), ["366 days old"]),
        (_standing(MasterVersion(1, None, True, 6, 3, 0)), NOW, []),
        (_standing(MasterVersion(1, NOW, False, 1, 2, 4), CURRENT), NOW, ["Version 1 of the master key is still there (7 keys"]),
        (_standing(CURRENT, lingering=2, since=NOW), LATER, ["begun on 2026-11-20"]),
        (_standing(CURRENT, lingering=2), LATER, ["2 cases keep an earlier key"]),
    ],
)
def test_what_grew_old_or_lingers_is_warned_of(standing, now, words):
    warnings = key_age_warnings(standing, now)
    assert len(warnings) == len(words)
    assert all(word in warning for word, warning in zip(words, warnings, strict=True))


def test_how_old_a_master_key_may_grow_is_a_setting():
    assert key_age_warnings(_standing(CURRENT), NOW + timedelta(days=31), master_key_days=30)
    assert not key_age_warnings(_standing(CURRENT), NOW + timedelta(days=30), master_key_days=30)
