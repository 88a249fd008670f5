"""Which readings are reviewed, and who may do what with one? Pure.

A reading is what one person opened of one case in one day. All of a month's readings stand the same chance in the random sample: each
gets a number from the month's seed, and those with the lowest are drawn. So the sample can be repeated by whoever knows the seed, in
whatever order the readings come, and foreseen by nobody, since the seed is drawn when the month has ended.

Unusual volume is told against the municipality's limit, and against the person's own median day of that month: somebody who works in
many cases every day does nothing unusual. Public holidays are not known here; a reading on one is within working hours if its weekday is.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from hashlib import blake2b
from heapq import heappush, heapreplace
from statistics import median
from typing import Any

from caseapp.formats import SWEDEN, fold, midnight

# -- months -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, order=True)
class Month:
    """A calendar month in Sweden. `number` is 1 to 12."""

    year: int
    number: int

    @property
    def written(self) -> str:
        """2026-10"""
        return f"{self.year}-{self.number:02}"

    @property
    def following(self) -> "Month":
        """The month after it."""
        return Month(self.year + self.number // 12, self.number % 12 + 1)

    @property
    def first(self) -> date:
        """Its first day."""
        return date(self.year, self.number, 1)

    @property
    def bounds(self) -> tuple[datetime, datetime]:
        """When it begins, and when the next one does."""
        return midnight(self.first), midnight(self.following.first)


def month_called(written: str) -> Month:
    """The month written as 2026-10. Raises ValueError for anything else."""
    year, dash, number = written.partition("-")
    if not (dash and len(year) == 4 and len(number) == 2 and (year + number).isascii() and (year + number).isdigit()):
        raise ValueError(f"{written!r} is not a month written as 2026-10")
    if not (1 <= int(number) <= 12 and 2000 <= int(year) <= 2200):
        raise ValueError(f"{written!r} is not a month written as 2026-10")
    return Month(int(year), int(number))


def month_of(day: date) -> Month:
    """The month this day lies in."""
    return Month(day.year, day.month)


def why_not_select(month: Month, on: date) -> str | None:
    """None if the month's list may be made on this day, otherwise a reason code: while it runs, what is to come could be foreseen."""
    return "month_not_ended" if on < month.following.first else None


# -- settings ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ReviewSettings:
    """How a municipality reviews its log. `weekdays`: 0 is Monday. `cases_a_day` and `times_median` are exceeded, not reached."""

    sample: int = 20
    begins: time = time(6)
    ends: time = time(19)
    weekdays: frozenset[int] = frozenset(range(5))
    cases_a_day: int = 30
    times_median: int = 3

    def written(self) -> dict[str, Any]:
        """As they are kept among the municipality's settings."""
        return {
            "sample": self.sample,
            "begins": self.begins.isoformat("minutes"),
            "ends": self.ends.isoformat("minutes"),
            "weekdays": sorted(self.weekdays),
            "cases_a_day": self.cases_a_day,
            "times_median": self.times_median,
        }


def settings_of(settings: Mapping[str, Any]) -> ReviewSettings:
    """What the municipality has set, or the defaults."""
    kept = settings.get("review")
    if not kept:
        return ReviewSettings()
    return ReviewSettings(
        sample=kept["sample"],
        begins=time.fromisoformat(kept["begins"]),
        ends=time.fromisoformat(kept["ends"]),
        weekdays=frozenset(kept["weekdays"]),
        cases_a_day=kept["cases_a_day"],
        times_median=kept["times_median"],
    )


# -- what stands out --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Reading:
    """What one person opened of one case in one day.

    `pages` are permissions, `grounds` the reasons for which compartments were opened; `outside` how many of its `times` lie out of hours;
    `is_whole`: whether every entry of the log about it could be read; `stood_in_for`: ids of the members on leave whose part in the
    case the person had, where they have none themselves.
    """

    user_id: str
    agency_id: str
    case_id: str
    day: date
    first: datetime
    last: datetime
    times: int
    pages: tuple[str, ...] = ()
    grounds: tuple[str, ...] = ()
    outside: int = 0
    is_whole: bool = True
    stood_in_for: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """What tells it from every other reading."""
        return f"{self.user_id} {self.case_id} {self.day.isoformat()}"


#: The rules in the order their reasons are told; codes of the code list ReviewRule.
RULES = ("break_glass", "protected", "own_name", "volume", "out_of_hours", "unreadable", "sample")


def is_outside(moment: datetime, settings: ReviewSettings) -> bool:
    """Whether this moment lies out of hours: on another weekday, before the day begins, or at its end and after."""
    here = moment.astimezone(SWEDEN)
    return here.weekday() not in settings.weekdays or not settings.begins <= here.time() < settings.ends


def stands_out(reading: Reading, *, protected: bool, same_name: bool) -> tuple[str, ...]:
    """The rules by which this reading is always reviewed, in the order of RULES."""
    holds = {
        "break_glass": "break_glass" in reading.grounds,
        "protected": protected,
        "own_name": same_name,
        "out_of_hours": reading.outside > 0,
        "unreadable": not reading.is_whole,
    }
    return tuple(rule for rule in RULES if holds.get(rule))


def surnames(name: str) -> frozenset[str]:
    """What a name is compared by: its last word, or both halves of a double name; folded. Nothing for a name of one word."""
    words = name.split()
    return frozenset(fold(words[-1]).split()) if len(words) > 1 else frozenset()


# -- unusual volume ---------------------------------------------------------------------------------------------------

#: So many days with readings make a median worth comparing with; and so many cases in a day are never unusual because of it.
_DAYS_FOR_A_MEDIAN, _ORDINARY = 5, 5


@dataclass(frozen=True)
class UnusualDay:
    """That somebody opened `cases` cases in a day. `limit`: the municipality's, or the person's median times the factor, exceeded."""

    user_id: str
    day: date
    cases: int
    limit: float
    is_own: bool


def unusual_days(counted: Mapping[tuple[str, date], int], settings: ReviewSettings) -> tuple[UnusualDay, ...]:
    """The days on which somebody opened unusually many cases, by day; `counted`: (user, day) → cases, for every day with readings."""
    by_person: dict[str, list[int]] = {}
    for (user_id, _day), cases in counted.items():
        by_person.setdefault(user_id, []).append(cases)
    own = {user: settings.times_median * median(days) for user, days in by_person.items() if len(days) >= _DAYS_FOR_A_MEDIAN}
    found = [_unusual(user, day, cases, settings.cases_a_day, own.get(user)) for (user, day), cases in counted.items()]
    return tuple(sorted((one for one in found if one), key=lambda one: (one.day, one.user_id)))


def _unusual(user_id: str, day: date, cases: int, limit: int, own: float | None) -> UnusualDay | None:
    if cases > limit:
        return UnusualDay(user_id, day, cases, limit, is_own=False)
    if own is not None and cases > max(own, _ORDINARY):
        return UnusualDay(user_id, day, cases, own, is_own=True)
    return None


# -- the random sample ------------------------------------------------------------------------------------------------


@dataclass
class Draw:
    """A random sample of `size` of everything that is offered, however much: the lowest numbers under the seed. `seed` is 32 bytes."""

    seed: bytes
    size: int
    _kept: list[tuple[int, str, Reading]] = field(default_factory=list, repr=False)

    def offer(self, reading: Reading) -> None:
        """Let this reading take part. Each is offered once."""
        number = int.from_bytes(blake2b(reading.key.encode(), key=self.seed, digest_size=16).digest())
        if len(self._kept) < self.size:
            heappush(self._kept, (-number, reading.key, reading))
        elif self._kept and -number > self._kept[0][0]:
            heapreplace(self._kept, (-number, reading.key, reading))

    def drawn(self) -> Iterator[Reading]:
        """Those with the lowest numbers, in no order that means anything."""
        return (reading for _number, _key, reading in self._kept)


# -- the queue --------------------------------------------------------------------------------------------------------

SELECTED, ASKED, ANSWERED, CLOSED = "selected", "asked", "answered", "closed"
#: From which state an item may go where; codes of the code list ReviewState.
NEXT_STATES: Mapping[str, frozenset[str]] = {
    SELECTED: frozenset({ASKED, CLOSED}),
    ASKED: frozenset({ANSWERED, CLOSED}),
    ANSWERED: frozenset({ASKED, CLOSED}),
    CLOSED: frozenset(),
}
_WHY_NOT = {ASKED: "question_waits", ANSWERED: "answered_already", CLOSED: "review_closed"}
#: Codes of the code list ReviewAssessment; and those that need words.
ASSESSMENTS = ("no_remark", "question_answered", "remark", "incident")
NEEDS_WORDS = frozenset({"remark", "incident"})


def why_not_become(state: str, wanted: str) -> str | None:
    """None if an item in this state may go to the other, otherwise a reason code."""
    return None if wanted in NEXT_STATES.get(state, frozenset()) else _WHY_NOT.get(state, "nothing_asked")


def why_not_handle(reviewer_id: str, reviewed_id: str) -> str | None:
    """None if this person may ask about and close this reading: nobody reviews themselves."""
    return "own_reading" if reviewer_id == reviewed_id else None


def why_not_close(state: str, assessment: str, words: str, *, is_answered: bool) -> str | None:
    """None if an item may be closed with this assessment, otherwise a reason code.

    A remark and an incident are put in words; so is why nobody waits for an answer any longer; a question that nobody answered was
    not answered.
    """
    if state == CLOSED:
        return "review_closed"
    if assessment not in ASSESSMENTS:
        return "no_assessment"
    if assessment == "question_answered" and not is_answered:
        return "nothing_answered"
    if (assessment in NEEDS_WORDS or state == ASKED) and not words.strip():
        return "words_needed"
    return None


def only_reviewer(actor_id: str, reviewers: Collection[str]) -> bool:
    """Whether this person's own readings have nobody to review them: `reviewers` are those who have the role today."""
    return not set(reviewers) - {actor_id}
