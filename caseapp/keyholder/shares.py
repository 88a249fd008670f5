"""The master key as three sheets of words, any two of which give it back; one alone tells nothing about it.

SLIP-0039 (Shamir's scheme over GF(256), words from a list of 1024, a checksum in each share), through the library of its authors.
Pure: nothing is read, written or remembered here. Which person gets which sheet is for the municipality to decide.
"""

from shamir_mnemonic import MnemonicError, Share, combine_mnemonics, generate_mnemonics
from shamir_mnemonic.wordlist import WORD_INDEX_MAP

HOW_MANY, NEEDED = 3, 2


class WrongShares(Exception):
    """These words do not give a key back; the message says in one sentence why, without repeating any of them."""


def shares_of(key: bytes) -> tuple[str, ...]:
    """Three shares of the 32-byte key, each 33 words. Another set every time: sheets of different sets do not fit together."""
    (shares,) = generate_mnemonics(1, [(NEEDED, HOW_MANY)], key)
    return tuple(shares)


def key_of(first: str, second: str) -> bytes:
    """The key that these two shares are of. Raises WrongShares."""
    one, other = _read("first", first), _read("second", second)
    if one.identifier != other.identifier or one.common_parameters() != other.common_parameters():
        raise WrongShares("The two shares are of different sets: they do not belong together.")
    if one.index == other.index:
        raise WrongShares("Both times it is the same share; another of the three is needed.")
    try:
        key = combine_mnemonics([_plain(first), _plain(second)])
    except MnemonicError:
        raise WrongShares("These two shares do not give a key back.") from None
    if len(key) != 32:
        raise WrongShares("These shares are of something else than a master key.")
    return key


def _plain(words: str) -> str:
    return " ".join(words.lower().split())


def _read(which: str, words: str) -> Share:
    for number, word in enumerate(_plain(words).split(), 1):
        if word not in WORD_INDEX_MAP:
            raise WrongShares(f"Word {number} of the {which} share is not in the list of words: compare it with the sheet.")
    try:
        return Share.from_mnemonic(_plain(words))
    except MnemonicError:
        raise WrongShares(f"The {which} share has a wrong, missing or extra word: compare it with the sheet.") from None
