"""How a value is sealed: envelope, derivation and blind index. Pure: no database, no web, no files.

The question answered here is "given a key and a place, what bytes are stored, and do these bytes belong to this place?".
Promised: a sealed value opens only with its key and only in the place it was sealed for, and one error class covers every
way to fail. Not promised here: who gets the key (the keyholder and consent decide that).
"""

from .derivation import blind_index, derive, derive_at, keyed_digest, new_key, quick_digest
from .envelope import Damaged, Sealer, SuccessorSealer, place
from .pieces import count_pieces, joined, piece_place, pieces_of
from .signing import is_signed, public_key, sign

__all__ = [
    "Damaged",
    "Sealer",
    "SuccessorSealer",
    "blind_index",
    "count_pieces",
    "derive",
    "derive_at",
    "is_signed",
    "joined",
    "keyed_digest",
    "new_key",
    "piece_place",
    "pieces_of",
    "place",
    "public_key",
    "quick_digest",
    "sign",
]
