"""A file sealed in pieces, so that no more than one of them needs to be sealed or opened in memory at a time.

Each piece is sealed by itself, in a place that says of which file it is a piece, which one, and of how many. So a piece that was
swapped, repeated, left out or carried to another file does not open, and neither does the rest of a file that was cut short: every
piece that is left says that there were more. Not promised: that the length of a file is hidden; the number of its pieces, and that of
the last one to the length class, can be seen.

Source: the STREAM construction (Hoang, Reyhanitabar, Rogaway, Vizár 2015), with the count in place of its last-piece flag.
"""

from collections.abc import Iterable, Iterator

from .envelope import Damaged, place

#: Bytes of a file in one piece; the last one holds what is left.
PIECE = 1024 * 1024


def pieces_of(content: bytes, size: int = PIECE) -> Iterator[bytes]:
    """The content in pieces of `size` bytes, the last one shorter; an empty one for an empty file."""
    for start in range(0, max(len(content), 1), size):
        yield content[start : start + size]


def count_pieces(length: int, size: int = PIECE) -> int:
    """How many pieces a file of this many bytes has."""
    return max(1, -(-length // size))


def piece_place(of: str, number: int, total: int) -> bytes:
    """The part of the associated data that binds a piece to its file, to its number (from 0) and to how many there are."""
    return place(of, str(number), str(total))


def joined(pieces: Iterable[bytes], total: int, length: int) -> bytes:
    """The file again. Raises Damaged if these are not `total` pieces of `length` bytes together."""
    found = list(pieces)
    content = b"".join(found)
    if len(found) != total or len(content) != length:
        raise Damaged
    return content
