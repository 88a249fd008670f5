"""What differs between two texts, and what becomes of a text that two people changed at once: by hand, and for texts drawn by lot."""

import random

import pytest

from caseapp.formats import changes, merged

FIRST = "Alva var hemma i tre dagar."


def own(pieces: object) -> list[str]:
    return [piece.text for piece in pieces if piece.is_own]  # type: ignore[attr-defined]


def test_the_words_that_stand_in_one_text_alone_are_told() -> None:
    left, right = changes(FIRST, "Alva var borta i två dagar.")
    assert (own(left), own(right)) == (["hemma", "tre"], ["borta", "två"])


@pytest.mark.parametrize(
    ("first", "stored", "typed", "becomes", "is_disputed"),
    [
        (FIRST, FIRST, "Alva var borta.", "Alva var borta.", False),
        (FIRST, "Alva var borta.", FIRST, "Alva var borta.", False),
        (FIRST, "Alva var borta.", "Alva var borta.", "Alva var borta.", False),
        (FIRST, "Alva var hemma i två dagar.", "Alva Lind var hemma i tre dagar.", "Alva Lind var hemma i två dagar.", False),
        (FIRST, FIRST + "\nMona ringde.", "Igår: " + FIRST, "Igår: " + FIRST + "\nMona ringde.", False),
        ("Närvaro 60 %", "Närvaro 80 %", "Närvaro 90 %", "Närvaro 80\n90 %", True),
        ("", "Mona ringde.", "Alva kom.", "Mona ringde.\nAlva kom.", True),
        ("a b c", "a c", "a b c d", "a c d", False),
        ("a b c", "a c", "a x c", "a x c", True),
        ("a b c", "", "a b c", "", False),
    ],
)
def test_a_text_that_two_changed(first: str, stored: str, typed: str, becomes: str, is_disputed: bool) -> None:
    assert merged(first, stored, typed) == (becomes, is_disputed)


def test_for_any_texts_the_pieces_are_the_texts_and_no_new_word_is_lost() -> None:
    lot = random.Random(5)
    for _ in range(300):
        first, stored, typed = ([lot.choice("abcdefg") for _ in range(lot.randrange(12))] for _ in range(3))
        # what each typed is told apart from what was there, so that it can be looked for
        stored = [word.upper() if lot.random() < 0.3 else word for word in stored]
        typed = [f"{word}2" if lot.random() < 0.3 else word for word in typed]
        left, right = changes(" ".join(stored), " ".join(typed))
        assert ("".join(piece.text for piece in left), "".join(piece.text for piece in right)) == (" ".join(stored), " ".join(typed))
        result, _disputed = merged(" ".join(first), " ".join(stored), " ".join(typed))
        assert {word for word in (*stored, *typed) if word not in first} <= set(result.split()), (first, stored, typed, result)


def test_very_long_texts_are_joined_by_lines_in_reasonable_steps() -> None:
    lines = [f"rad {number} om skolan" for number in range(2000)]
    theirs, ours = [*lines], [*lines]
    theirs[3], ours[-3] = "deras", "mina"
    result, is_disputed = merged("\n".join(lines), "\n".join(theirs), "\n".join(ours))
    assert (is_disputed, "deras" in result, "mina" in result) == (False, True, True)


def test_texts_that_no_field_takes_are_not_compared_and_both_stand() -> None:
    assert merged("a\n" * 500_000, "deras", "mina") == ("deras\nmina", True)
