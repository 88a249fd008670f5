"""What differs between two texts, word by word, and what becomes of a text that two people changed at the same time. Pure.

`changes` tells, for two texts side by side, which words stand in both. `merged` joins two changes of one text: where only one of them
changed something, that is taken; where both did, nothing is chosen, and both stand there, one after the other. Every word that either
of them typed is in the result; a word that one of them took out is gone, unless the other one wrote something just there.

Source: three-way merge by longest matching pieces (Khanna, Kunal and Pierce 2007, "A formal investigation of diff3"), on words
instead of lines. The matching is difflib's (Ratcliff and Obershelp 1988).
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

#: Beyond so many words a difference is told by lines alone: matching costs the product of both lengths at worst.
_MOST_WORDS = 4000
#: No field of ours takes so many characters: such texts are not compared, both simply stand.
_LONGEST = 50_000
_WORD = re.compile(r"\s+|[^\s]+")
_LINE = re.compile(r"[^\n]*\n|[^\n]+")


@dataclass(frozen=True)
class Piece:
    """Some words of a text. `is_own`: they stand in this text alone."""

    text: str
    is_own: bool


def changes(one: str, other: str) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
    """Both texts in pieces, each telling whether it stands in that text alone. The pieces of a text put together are the text."""
    ones, others = _cut(one, other)
    left: list[Piece] = []
    right: list[Piece] = []
    for kind, a, b, c, d in SequenceMatcher(None, ones, others).get_opcodes():
        if b > a:
            left.append(Piece("".join(ones[a:b]), kind != "equal"))
        if d > c:
            right.append(Piece("".join(others[c:d]), kind != "equal"))
    return tuple(left), tuple(right)


def merged(first: str, stored: str, typed: str) -> tuple[str, bool]:
    """What becomes of the text both began with (`first`), and whether both changed the same place, so that somebody must choose.

    Where they did, the stored words come first and the typed ones after, on a line of their own.
    """
    if stored in (first, typed):
        return typed, False
    if typed == first:
        return stored, False
    if max(len(first), len(stored), len(typed)) > _LONGEST:
        return "".join(_both(stored, typed)), True
    begun, theirs, ours = _cut(first, stored, typed)
    out: list[str] = []
    is_disputed = False
    for old, new_theirs, new_ours in _stretches(begun, theirs, ours):
        if new_theirs in (new_ours, old):
            out += new_ours
        elif new_ours == old:
            out += new_theirs
        else:
            is_disputed = True
            out += [*_both("".join(new_theirs), "".join(new_ours))]
    return "".join(out), is_disputed


def _both(stored: str, typed: str) -> Iterator[str]:
    """Two texts for the same place, one after the other; one that took something out leaves the other."""
    if not stored.strip() or not typed.strip():
        yield stored if stored.strip() else typed
        return
    yield stored.rstrip() + "\n" + typed.lstrip()


def _stretches(begun: Sequence[str], theirs: Sequence[str], ours: Sequence[str]) -> Iterator[tuple[list[str], list[str], list[str]]]:
    """(what it was, what it became in one text, and in the other), from the beginning to the end: in turn what all three share and not."""
    at_theirs, at_ours = _kept(begun, theirs), _kept(begun, ours)
    a = b = c = 0
    for place in [*sorted(at_theirs.keys() & at_ours.keys()), len(begun)]:
        b_end, c_end = (at_theirs[place], at_ours[place]) if place < len(begun) else (len(theirs), len(ours))
        if (a, b, c) != (place, b_end, c_end):
            yield list(begun[a:place]), list(theirs[b:b_end]), list(ours[c:c_end])
        if place < len(begun):
            yield [begun[place]], [begun[place]], [begun[place]]
        a, b, c = place + 1, b_end + 1, c_end + 1


def _kept(begun: Sequence[str], became: Sequence[str]) -> dict[int, int]:
    """Place in the text it was → the place in what it became, of every word that was kept."""
    blocks = SequenceMatcher(None, begun, became).get_matching_blocks()
    return {block.a + n: block.b + n for block in blocks for n in range(block.size)}


def _cut(*texts: str) -> list[list[str]]:
    """The texts in words and the white space between them; in lines, where that would be too many."""
    words = [_WORD.findall(text) for text in texts]
    return words if all(len(each) <= _MOST_WORDS for each in words) else [_LINE.findall(text) for text in texts]
