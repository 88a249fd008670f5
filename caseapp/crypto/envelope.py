"""The envelope of one sealed value, and the place it is bound to.

    version (1 byte) | nonce (12) | AES-256-GCM ciphertext with its 16-byte tag

The plaintext is padded to a length class first, so that short answers cannot be told apart by their length. The place is
associated data: it is not stored, so an envelope carried to another row, column or case does not open.

Source: NIST SP 800-38D (GCM); ISO/IEC 7816-4 (the padding mark). A compartment key lives for one case, so the number of
random nonces per key stays many orders below the 2^32 of SP 800-38D section 8.3.
"""

import os
from collections.abc import Sequence
from struct import pack

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

VERSION = 1
_MARK = b"\x80"
_MARK_BYTE = _MARK[0]
_SMALLEST, _LARGEST_POWER = 32, 4096


#: Bytes of an envelope that are not padded plaintext: version, nonce and tag.
_AROUND = 1 + 12 + 16


class Damaged(Exception):
    """The bytes are not what was sealed here: wrong key, wrong place, flipped bit, unknown version. Deliberately one class."""


def place(*parts: str) -> bytes:
    """The associated data for a place: each part in UTF-8 behind its length (2 bytes), so that no two places coincide."""
    at = b""
    for part in parts:
        encoded = part.encode()
        at += pack(">H", len(encoded)) + encoded
    return at


def padded(plaintext: bytes, smallest: int = _SMALLEST) -> bytes:
    """The plaintext, a mark, and zeros up to its length class: `smallest` (a power of two), doubled up to 4096, then multiples of 4096."""
    needed = len(plaintext) + 1
    size = smallest
    while size < needed and size < _LARGEST_POWER:
        size *= 2
    if size < needed:
        size = -(-needed // _LARGEST_POWER) * _LARGEST_POWER
    return (plaintext + _MARK).ljust(size, b"\0")


class Sealer:
    """One 256-bit key that seals and opens. `prefix` is the part of the place shared by everything under this key."""

    __slots__ = ("_decrypt", "_encrypt", "_prefix")

    def __init__(self, key: bytes, prefix: bytes = b"") -> None:
        if len(key) != 32:
            raise ValueError("a sealing key is 32 bytes")
        aead = AESGCM(key)
        self._encrypt, self._decrypt, self._prefix = aead.encrypt, aead.decrypt, prefix

    def seal(self, plaintext: bytes, at: bytes, *, nonce: bytes | None = None, smallest: int = _SMALLEST) -> bytes:
        """The envelope for this plaintext at this place; `smallest` is its smallest length class, in bytes.

        `nonce` is given by test vectors only; it is random otherwise.
        """
        nonce = nonce or os.urandom(12)
        return bytes((VERSION,)) + nonce + self._encrypt(nonce, padded(plaintext, smallest), self._prefix + at)

    def open(self, envelope: bytes, at: bytes) -> bytes:
        """The plaintext that was sealed at this place. Raises Damaged for everything else."""
        try:
            plaintext = self._decrypt(envelope[1:13], envelope[13:], self._prefix + at).rstrip(b"\0")
            if envelope[0] == VERSION and plaintext[-1] == _MARK_BYTE:
                return plaintext[:-1]
        except (InvalidTag, IndexError, ValueError, TypeError):
            pass
        raise Damaged from None

    def renewed(self, envelope: bytes, at: bytes) -> bytes | None:
        """The same plaintext under the newest key; None if it is so already. Raises Damaged if no key opens it."""
        self.open(envelope, at)
        return None


class SuccessorSealer(Sealer):
    """Seals with the first of several sealers and opens with any, the first one first: for values that are being sealed anew."""

    __slots__ = ("_sealers", "_successor")

    def __init__(self, sealers: Sequence[Sealer]) -> None:
        self._sealers, self._successor = tuple(sealers), sealers[0]

    def seal(self, plaintext: bytes, at: bytes, *, nonce: bytes | None = None, smallest: int = _SMALLEST) -> bytes:
        """The envelope under the first key."""
        return self._successor.seal(plaintext, at, nonce=nonce, smallest=smallest)

    def open(self, envelope: bytes, at: bytes) -> bytes:
        """The plaintext, under whichever key it was sealed. Raises Damaged if none of them opens it."""
        for sealer in self._sealers:
            try:
                return sealer.open(envelope, at)
            except Damaged:
                continue
        raise Damaged

    def renewed(self, envelope: bytes, at: bytes) -> bytes | None:
        """The same plaintext in the same length class under the first key; None if it is so already. Raises Damaged if none opens it."""
        try:
            self._successor.open(envelope, at)
        except Damaged:
            return self._successor.seal(self.open(envelope, at), at, smallest=len(envelope) - _AROUND)
        return None
