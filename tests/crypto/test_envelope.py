"""A sealed value opens with its key in its place, and in every other case fails in one and the same way."""

import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from caseapp.crypto import Damaged, Sealer, new_key, place

KEY = bytes(range(32))
HERE = place("note", "text", "row 1")
ENVELOPE_VECTORS = json.loads(Path(__file__).with_name("vectors").joinpath("envelope.json").read_text())["cases"]


@pytest.mark.parametrize("vector", ENVELOPE_VECTORS, ids=[vector["name"] for vector in ENVELOPE_VECTORS])
def test_what_was_sealed_by_version_1_opens_for_ever_and_what_was_spoiled_never_does(vector):
    sealer = Sealer(bytes.fromhex(vector["key"]), place(*vector["prefix"]))
    at, envelope = place(*vector["at"]), bytes.fromhex(vector["envelope"])
    if vector["expected"] == "opens":
        assert sealer.open(envelope, at).decode() == vector["plaintext"]
        assert sealer.seal(vector["plaintext"].encode(), at, nonce=envelope[1:13]) == envelope
    else:
        assert vector["expected"] == "Damaged"
        with pytest.raises(Damaged):
            sealer.open(envelope, at)


def test_the_envelope_is_version_nonce_ciphertext_and_tag_with_the_place_as_associated_data():
    envelope = Sealer(KEY, b"prefix").seal("hög".encode(), HERE)
    padded = AESGCM(KEY).decrypt(envelope[1:13], envelope[13:], b"prefix" + HERE)
    assert envelope[0] == 1
    assert len(envelope) == 1 + 12 + 32 + 16
    assert padded == "hög".encode() + b"\x80" + bytes(27)  # 4 bytes of text, the mark of ISO/IEC 7816-4, zeros up to 32


@given(st.binary(max_size=9000))
def test_any_bytes_come_back_as_they_were(plaintext):
    sealer = Sealer(KEY)
    assert sealer.open(sealer.seal(plaintext, HERE), HERE) == plaintext


@pytest.mark.parametrize("plaintext", [b"", b"\x00", b"\x80", b"\x80\x00\x00", b"text\x00", b"\x00" * 40])
def test_text_that_looks_like_padding_comes_back_as_it_was(plaintext):
    assert Sealer(KEY).open(Sealer(KEY).seal(plaintext, HERE), HERE) == plaintext


@pytest.mark.parametrize(
    ("length", "class_size"),
    [(0, 32), (3, 32), (31, 32), (32, 64), (63, 64), (64, 128), (2047, 2048), (2048, 4096), (4095, 4096), (4096, 8192), (8192, 12288)],
)
def test_only_the_length_class_shows(length, class_size):
    assert len(Sealer(KEY).seal(b"a" * length, HERE)) == 1 + 12 + class_size + 16


def test_high_and_low_and_nothing_at_all_are_equally_long():
    lengths = {len(Sealer(KEY).seal(answer.encode(), HERE)) for answer in ("hög", "låg", "", "inget behov av stöd")}
    assert len(lengths) == 1


def test_the_same_text_is_never_sealed_to_the_same_bytes():
    assert len({Sealer(KEY).seal(b"", HERE) for _ in range(1000)}) == 1000


@pytest.mark.parametrize("position", range(1 + 12 + 32 + 16))
def test_no_bit_can_be_flipped(position):
    envelope = Sealer(KEY).seal(b"text", HERE)
    for bit in range(8):
        spoiled = bytearray(envelope)
        spoiled[position] ^= 1 << bit
        with pytest.raises(Damaged):
            Sealer(KEY).open(bytes(spoiled), HERE)


def test_no_shortened_or_lengthened_envelope_opens():
    envelope = Sealer(KEY).seal(b"text", HERE)
    for spoiled in [envelope[:length] for length in range(len(envelope))] + [envelope + b"\x00", envelope[:1] + envelope]:
        with pytest.raises(Damaged):
            Sealer(KEY).open(spoiled, HERE)


@pytest.mark.parametrize("version", [0, 2, 255])
def test_an_unknown_version_is_refused_even_under_the_right_key(version):
    envelope = Sealer(KEY).seal(b"text", HERE)
    with pytest.raises(Damaged):
        Sealer(KEY).open(bytes([version]) + envelope[1:], HERE)


@pytest.mark.parametrize("found", [None, "", "text in its place", 5, 1.5, b""])
def test_what_is_no_envelope_at_all_fails_in_the_same_way(found):
    with pytest.raises(Damaged):
        Sealer(KEY).open(found, HERE)


def test_another_key_does_not_open():
    with pytest.raises(Damaged):
        Sealer(new_key()).open(Sealer(KEY).seal(b"text", HERE), HERE)


ROW = ("installation", "case 1", "school", "health", "text", "note", "text", "row 1")


@pytest.mark.parametrize("part", range(len(ROW)), ids=["installation", "case", "agency", "type", "drawer", "table", "column", "row"])
def test_an_envelope_carried_to_another_place_does_not_open(part):
    elsewhere = (*ROW[:part], "other", *ROW[part + 1 :])
    envelope = Sealer(KEY).seal(b"text", place(*ROW))
    with pytest.raises(Damaged):
        Sealer(KEY).open(envelope, place(*elsewhere))


@given(st.lists(st.text(alphabet="ab\x00", max_size=3), max_size=4), st.lists(st.text(alphabet="ab\x00", max_size=3), max_size=4))
def test_two_places_coincide_only_if_all_their_parts_do(one, other):
    assert (place(*one) == place(*other)) == (one == other)


@pytest.mark.parametrize("length", [0, 16, 31, 33])
def test_a_key_that_is_not_256_bits_is_refused(length):
    with pytest.raises(ValueError, match="32 bytes"):
        Sealer(bytes(length))


def test_a_failure_says_nothing_about_why():
    envelope = Sealer(KEY).seal(b"text", HERE)
    said = set()
    for spoiled, key in ((envelope, new_key()), (b"\x02" + envelope[1:], KEY), (envelope[:-1], KEY), (b"", KEY)):
        with pytest.raises(Damaged) as failure:
            Sealer(key).open(spoiled, HERE)
        said.add((str(failure.value), failure.value.__cause__))
    assert said == {("", None)}
