"""A file in pieces comes back whole, in order and from its own pieces, or not at all."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from caseapp.crypto import Damaged, Sealer, count_pieces, joined, piece_place, pieces_of, place

KEY, HERE = bytes(range(32)), place("document_piece", "content")


def seal(content: bytes, of: str = "a", size: int = 4) -> list[bytes]:
    """The sealed pieces of a file."""
    total = count_pieces(len(content), size)
    return [
        Sealer(KEY).seal(piece, HERE + piece_place(of, number, total)) for number, piece in enumerate(pieces_of(content, size))
    ]


def unseal(sealed: list[bytes], length: int, of: str = "a", total: int | None = None) -> bytes:
    """The file again, if it was of so many pieces: as many as there are, unless another number is said."""
    expected = len(sealed) if total is None else total
    opened = [Sealer(KEY).open(one, HERE + piece_place(of, number, expected)) for number, one in enumerate(sealed)]
    return joined(opened, expected, length)


@given(st.binary(max_size=40), st.integers(1, 9))
def test_any_file_comes_back_from_pieces_of_any_size(content, size):
    assert unseal(seal(content, size=size), len(content)) == content


@pytest.mark.parametrize(("length", "pieces"), [(0, 1), (1, 1), (4, 1), (5, 2), (8, 2), (9, 3)])
def test_a_file_has_as_many_pieces_as_it_needs_and_an_empty_one_has_one(length, pieces):
    assert count_pieces(length, 4) == pieces == len(list(pieces_of(bytes(length), 4)))


@pytest.mark.parametrize(
    "spoil",
    [
        lambda one, other: [one[1], one[0], one[2]],
        lambda one, other: [one[0], one[0], one[2]],
        lambda one, other: [one[0], other[1], one[2]],
        lambda one, other: one[:2],
        lambda one, other: one[1:],
        lambda one, other: [],
        lambda one, other: [*one, one[2]],
        lambda one, other: [*one, other[2]],
    ],
    ids=["swapped", "repeated", "another's", "cut short", "without its beginning", "nothing", "longer", "longer by another's"],
)
def test_pieces_that_are_not_those_that_were_sealed_give_nothing(spoil):
    content = b"elva tecken"
    spoilt = spoil(seal(content), seal(b"andra orden", of="b"))
    for told in (3, len(spoilt)):  # whether somebody also told another number of pieces, or not
        with pytest.raises(Damaged):
            unseal(spoilt, len(content), total=told)


def test_a_shorter_file_with_as_many_pieces_is_not_the_one_that_was_kept():
    """The count and the length are told by the document's own row: an older, shorter content does not pass for the newer one."""
    with pytest.raises(Damaged):
        unseal(seal(b"elva tecke"), 11)


def test_no_two_places_of_pieces_coincide():
    found = [piece_place(of, number, total) for of in ("a", "b", "a1") for number in (0, 1, 11) for total in (1, 11, 12)]
    assert len(set(found)) == len(found)
