"""The key file: what is accepted, and that everything else ends in one sentence and changes nothing."""

import base64
import json
import os

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from caseapp.keyholder import Keyring, KeyringError, create_keyring, read_keyring

KEY = base64.b64encode(bytes(range(32))).decode()
GOOD = json.dumps({"current": 2, "keys": {"1": base64.b64encode(b"\xff" * 32).decode(), "2": KEY}}).encode()


def put(path, content=GOOD, mode=0o600):
    path.write_bytes(content)
    path.chmod(mode)
    return path


def refused(path) -> str:
    with pytest.raises(KeyringError) as refusal:
        read_keyring(path)
    return str(refusal.value)


def test_every_version_is_read_and_the_current_one_is_named(tmp_path):
    ring = read_keyring(put(tmp_path / "master.key"))
    assert ring == Keyring(2, {1: b"\xff" * 32, 2: bytes(range(32))})


@pytest.mark.parametrize("mode", [0o600, 0o400])
def test_a_file_only_its_owner_may_read_is_accepted(tmp_path, mode):
    assert read_keyring(put(tmp_path / "master.key", mode=mode)).current == 2


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o660, 0o620, 0o602, 0o610, 0o601, 0o666, 0o700, 0o777])
def test_a_file_that_is_open_to_others_is_refused_with_the_mode_it_has(tmp_path, mode):
    path = put(tmp_path / "master.key", mode=mode)
    assert f"has mode {mode:04o}; it must be 0600" in refused(path)
    assert path.stat().st_mode & 0o777 == mode


def test_a_missing_file_is_refused_and_not_made(tmp_path):
    assert "is missing" in refused(tmp_path / "master.key")
    assert list(tmp_path.iterdir()) == []


def test_a_directory_a_pipe_or_a_link_in_its_place_is_refused(tmp_path):
    directory, pipe, link = (tmp_path / name for name in ("directory", "pipe", "link"))
    directory.mkdir(mode=0o700)
    os.mkfifo(pipe, mode=0o600)
    link.symlink_to(put(tmp_path / "master.key"))
    assert "is not a file" in refused(directory)
    assert "is not a file" in refused(pipe)
    assert "cannot be read" in refused(link)


def ring(current=1, **keys):
    return json.dumps({"current": current, "keys": keys or {"1": KEY}}).encode()


MALFORMED = {
    "empty": b"",
    "not JSON": b"-----BEGIN PRIVATE KEY-----",
    "not UTF-8": b"\xff\xfe{}",
    "a list": b"[]",
    "no keys": b'{"current": 1}',
    "no current": json.dumps({"keys": {"1": KEY}}).encode(),
    "keys in a list": json.dumps({"current": 1, "keys": [KEY]}).encode(),
    "a current version that is not there": ring(current=3),
    "a version that is no number": ring(**{"one": KEY}),
    "an endless version": b'{"current": 1e999, "keys": {"1": "%s"}}' % KEY.encode(),
    "nested too deep": b"[" * 60_000,
    "a short key": ring(**{"1": base64.b64encode(bytes(31)).decode()}),
    "a long key": ring(**{"1": base64.b64encode(bytes(33)).decode()}),
    "an old key that is short": ring(current=2, **{"1": base64.b64encode(bytes(16)).decode(), "2": KEY}),
    "a key that is no base64": ring(**{"1": "å" * 44}),
    "a key with a line break": ring(**{"1": KEY[:20] + "\n" + KEY[20:]}),
    "a key that is a number": json.dumps({"current": 1, "keys": {"1": 17}}).encode(),
    "truncated": GOOD[:-10],
}


@pytest.mark.parametrize("content", MALFORMED.values(), ids=MALFORMED)
def test_what_is_no_keyring_is_refused_and_left_as_it_is(tmp_path, content):
    path = put(tmp_path / "master.key", content)
    assert "is not a keyring" in refused(path)
    assert path.read_bytes() == content


JSON = st.recursive(st.none() | st.integers() | st.floats() | st.text(), st.lists).map(lambda value: json.dumps(value).encode())


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=200) | JSON)
@example(b"null")
def test_no_content_gives_anything_but_the_sentence(tmp_path, content):
    assert "is not a keyring" in refused(put(tmp_path / "master.key", content))


def test_every_refusal_is_one_line_that_says_what_to_do_and_that_nothing_was_changed(tmp_path):
    put(tmp_path / "open", mode=0o644)
    put(tmp_path / "spoiled", b"{}")
    (tmp_path / "directory").mkdir()
    for name in ("open", "spoiled", "directory", "missing"):
        sentence = refused(tmp_path / name)
        assert "\n" not in sentence
        assert "nothing was changed" in sentence.casefold()
        assert str(tmp_path / name) in sentence
        assert KEY not in sentence


def test_a_new_keyring_is_readable_by_its_owner_only_whatever_the_umask(tmp_path):
    previous = os.umask(0)
    try:
        made = create_keyring(tmp_path / "master.key")
    finally:
        os.umask(previous)
    assert (tmp_path / "master.key").stat().st_mode & 0o777 == 0o600
    assert read_keyring(tmp_path / "master.key") == made


def test_two_new_keyrings_have_nothing_in_common(tmp_path):
    assert create_keyring(tmp_path / "one").keys != create_keyring(tmp_path / "other").keys


def test_an_existing_file_is_never_overwritten(tmp_path):
    path = put(tmp_path / "master.key", b"whatever it is")
    with pytest.raises(KeyringError, match="never overwritten"):
        create_keyring(path)
    assert path.read_bytes() == b"whatever it is"


def test_a_keyring_never_shows_its_keys(tmp_path):
    made = create_keyring(tmp_path / "master.key")
    assert repr(made.keys[1]) not in repr(made) + str(made)
    assert made.keys[1].hex() not in repr(made) + str(made)
