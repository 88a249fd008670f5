"""The library calls we rest on, against vectors published by others; and derivation against its formula, by hand."""

import hashlib
import hmac
import json
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from caseapp.crypto import blind_index, derive, derive_at, keyed_digest, quick_digest

PUBLISHED = json.loads(Path(__file__).with_name("vectors").joinpath("published.json").read_text())


def cases(kind):
    found = PUBLISHED[kind]["cases"]
    return [pytest.param({k: bytes.fromhex(v) for k, v in case.items() if k != "name"}, id=case["name"]) for case in found]


@pytest.mark.parametrize("vector", cases("gcm"))
def test_aes_256_gcm_gives_the_published_ciphertext_and_tag(vector):
    sealed = AESGCM(vector["key"]).encrypt(vector["nonce"], vector["plaintext"], vector["associated"])
    assert sealed == vector["ciphertext"] + vector["tag"]
    assert AESGCM(vector["key"]).decrypt(vector["nonce"], sealed, vector["associated"]) == vector["plaintext"]


@pytest.mark.parametrize("vector", cases("gcm"))
def test_a_published_ciphertext_with_one_bit_turned_over_does_not_open(vector):
    sealed = vector["ciphertext"] + vector["tag"]
    for position in range(len(sealed)):
        spoiled = sealed[:position] + bytes([sealed[position] ^ 1]) + sealed[position + 1 :]
        with pytest.raises(InvalidTag):
            AESGCM(vector["key"]).decrypt(vector["nonce"], spoiled, vector["associated"])


@pytest.mark.parametrize("vector", cases("hkdf_expand"))
def test_hkdf_expand_gives_the_published_key_material(vector):
    assert HKDFExpand(algorithm=SHA256(), length=len(vector["okm"]), info=vector["info"]).derive(vector["prk"]) == vector["okm"]


@pytest.mark.parametrize("vector", cases("hkdf_expand"))
def test_a_key_derived_at_a_place_is_the_beginning_of_the_published_key_material(vector):
    # RFC 5869 2.3: OKM is the first L bytes of T(1) | T(2) | ..., so another L only cuts it elsewhere
    assert derive_at(vector["prk"], vector["info"]) == vector["okm"][:32]


@pytest.mark.parametrize("vector", cases("hmac"))
def test_a_keyed_digest_is_the_published_hmac(vector):
    assert keyed_digest(vector["key"], vector["message"])[: len(vector["digest"])] == vector["digest"]


@pytest.mark.parametrize("vector", cases("blake2b_keyed"))
def test_keyed_blake2b_gives_the_published_digest(vector):
    assert hashlib.blake2b(vector["message"], key=vector["key"], digest_size=64).digest() == vector["digest"]


@pytest.mark.parametrize("vector", cases("quick_digest"))
def test_a_quick_digest_is_what_another_program_makes_of_keyed_blake2b(vector):
    assert quick_digest(vector["key"], vector["message"]) == vector["digest"]


def test_a_derived_key_is_the_first_block_of_hkdf_expand_over_length_prefixed_labels():
    # RFC 5869 2.3: T(1) = HMAC(PRK, info | 0x01), and 32 bytes are exactly T(1). "skola" is 5 bytes, "hälsa" 6.
    info = b"\x00\x05skola" + b"\x00\x06h\xc3\xa4lsa"
    assert derive(b"k" * 32, "skola", "hälsa") == hmac.digest(b"k" * 32, info + b"\x01", "sha256")


def test_labels_split_in_another_way_give_another_key():
    key = b"k" * 32
    assert len({derive(key, "ab", "c"), derive(key, "a", "bc"), derive(key, "abc"), derive(key, "abc", "")}) == 4


def test_a_look_up_value_is_128_bits_of_hmac_and_says_nothing_without_its_key():
    parts = b"\x00\x04team" + b"\x00\x0c201204152380"
    assert blind_index(b"k" * 32, "team", "201204152380") == hmac.digest(b"k" * 32, parts, "sha256").hex()[:32]
    assert blind_index(b"K" * 32, "team", "201204152380") != blind_index(b"k" * 32, "team", "201204152380")
