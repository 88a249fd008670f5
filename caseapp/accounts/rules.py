"""The law of signing in: which passwords are refused, how long to wait after failures, when a session is over. Pure.

Passwords after OWASP ASVS 5.0.0 chapter 6.2 and NIST SP 800-63B 5.1.1: length and guessability count, composition does not,
and nothing is forced to change. What is typed is taken exactly as typed.

Waiting never becomes a lock: every delay has a longest, attempts made while waiting are neither tried nor counted, and the
short delay for an account as a whole cannot keep its owner out for more than a minute at a time.
"""

import re
import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from zxcvbn import zxcvbn

SHORTEST_PASSWORD, LONGEST_PASSWORD = 12, 128
_LOWEST_SCORE = 3  # zxcvbn: "safely unguessable", more than 10^8 guesses
_SCORED = 40  # a longer password is at least as hard to guess as its beginning
#: Signs that zxcvbn takes for the same letter; it tries every combination of them, seconds for a hostile password.
_ALIKE = str.maketrans({"{": "(", "[": "(", "<": "(", "|": "!", "@": "4", "$": "5", "+": "7"})
#: Words everybody here would think of, beside the names of the municipality, the teams and the person.
_COMMON_HERE = (
    "lösenord", "losenord", "välkommen", "valkommen", "hemligt", "kommun", "kommunen", "socialtjänst", "socialtjänsten", "skola",
    "skolan", "polis", "polisen", "fritid", "samverkan", "ungdom", "sspf", "caseapp", "vinter", "sommar", "höst", "våren",
    "januari", "februari", "mars", "april", "juni", "juli", "augusti", "september", "oktober", "november", "december",
    "måndag", "tisdag", "onsdag", "torsdag", "fredag", "lördag", "söndag",
)  # fmt: skip


def fold_login(login: str) -> str:
    """The login as it is compared: NFC, case folded, no blank ends."""
    return unicodedata.normalize("NFC", login).casefold().strip()


def why_weak(password: str, context: Collection[str]) -> str | None:
    """None for a password that is good enough, otherwise "too_short", "too_long", "names_you" or "guessable".

    `context`: names of the municipality, agencies, teams and person, and the login.
    """
    if len(password) < SHORTEST_PASSWORD:
        return "too_short"
    if len(password) > LONGEST_PASSWORD:
        return "too_long"
    names = {part for name in context for part in (name, *re.split(r"[\s@.]+", name)) if len(part) > 2}
    if _is_mostly(password, names):
        return "names_you"
    together = "".join(password.casefold().split())
    if _is_mostly(password, _COMMON_HERE) or min(_score(password, names), _score(together, names)) < _LOWEST_SCORE:
        return "guessable"
    return None


def _is_mostly(password: str, words: Collection[str]) -> bool:
    """Whether little but digits and signs is left of the password without these words."""
    left = password.casefold()
    for word in sorted(words, key=len, reverse=True):
        left = left.replace(word.casefold(), "")
    return left != password.casefold() and sum(letter.isalpha() for letter in left) < SHORTEST_PASSWORD // 2


def _score(password: str, names: Collection[str]) -> int:
    return int(zxcvbn(password[:_SCORED].translate(_ALIKE), user_inputs=[*names, *_COMMON_HERE])["score"])


@dataclass(frozen=True)
class Patience:
    """How many failures are free within the last day, and how the wait grows after them: doubled each time, up to a longest."""

    free: int
    first_wait: timedelta
    longest_wait: timedelta

    def wait_until(self, failures: Sequence[datetime]) -> datetime | None:
        """When the next attempt is taken, given the failures of the last day in order; None: at once."""
        beyond = len(failures) - self.free
        if beyond < 0:
            return None
        doubled = self.first_wait * 2 ** min(beyond, 16)
        return failures[-1] + min(doubled, self.longest_wait)


#: Failures are forgotten after this time.
REMEMBERED = timedelta(days=1)
#: One account from one network: where a forgotten password looks like a guess.
ACCOUNT_HERE = Patience(free=5, first_wait=timedelta(seconds=15), longest_wait=timedelta(minutes=15))
#: One network, whichever account: a municipality may sit behind one address.
NETWORK = Patience(free=50, first_wait=timedelta(seconds=5), longest_wait=timedelta(minutes=5))
#: One account from everywhere: slows a guess spread over many networks.
ACCOUNT = Patience(free=30, first_wait=timedelta(seconds=5), longest_wait=timedelta(minutes=1))


def is_over(now: datetime, *, begun: datetime, seen: datetime, idle: timedelta, longest: timedelta) -> bool:
    """Whether a session has ended by itself: unused for `idle`, or `longest` after it began."""
    return now - seen >= idle or now - begun >= longest


#: How long a proof with the second factor lets a person do what asks for a fresh one.
PROOF_LASTS = timedelta(minutes=5)


def is_fresh(proved_at: float, now: datetime) -> bool:
    """Whether a proof given at this moment (seconds since 1970; 0: never) is still fresh."""
    return proved_at > 0 and timedelta(0) <= timedelta(seconds=now.timestamp() - proved_at) < PROOF_LASTS
