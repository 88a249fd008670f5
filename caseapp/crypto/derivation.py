"""Keys from keys, and numbers that can be looked up without being readable.

`derive` is HKDF-Expand (RFC 5869 section 2.3): the inputs are uniform 256-bit keys already, so the extract step adds
nothing. `blind_index` is HMAC-SHA-256 cut to 128 bits under a key of its own: equal numbers give equal indexes, and
nothing else can be read from one without the key.
"""

import hmac
import os
from hashlib import blake2b

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from .envelope import place


def new_key() -> bytes:
    """A fresh 256-bit key from the operating system."""
    return os.urandom(32)


def derive(key: bytes, *labels: str) -> bytes:
    """The 256-bit key under `key` for these labels; other labels, or another split of them, give an independent key."""
    return derive_at(key, place(*labels))


def derive_at(key: bytes, info: bytes) -> bytes:
    """The same for labels that are a place already."""
    return HKDFExpand(algorithm=SHA256(), length=32, info=info).derive(key)


def keyed_digest(key: bytes, message: bytes) -> bytes:
    """HMAC-SHA-256 of the message, 32 bytes."""
    return hmac.digest(key, message, "sha256")


def quick_digest(key: bytes, message: bytes) -> bytes:
    """Keyed BLAKE2b of the message, 32 bytes (RFC 7693 section 2.9): a MAC by design, in half the time of HMAC-SHA-256.

    For row seals, which are checked for every row that is loaded.
    """
    return blake2b(message, key=key, digest_size=32).digest()


def blind_index(key: bytes, *parts: str) -> str:
    """128 bits in hexadecimal (32 characters) that stand for these parts in an equality look-up."""
    return keyed_digest(key, place(*parts))[:16].hex()
