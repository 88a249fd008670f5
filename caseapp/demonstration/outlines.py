"""What each case goes through: the situations that every demonstration has, and ordinary cases drawn by lot.

An outline is a plan, not a record: `course` carries it out day by day until today comes. Situations are counted back from today,
so that what should be seen is there on whichever day the demonstration is loaded.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random

from caseapp.formats import Quarter, quarter

from .diary import last_working_day, working_day
from .written import stories

#: What an agency is often left without: the family shares with the others, but not this with these.
USUAL_EXCEPTIONS: Sequence[frozenset[tuple[str, str]]] = (
    frozenset(),
    frozenset({("police", "health"), ("police", "attendance"), ("police", "school_results")}),
    frozenset({("police", "health"), ("leisure", "health"), ("leisure", "offences"), ("leisure", "substance")}),
    frozenset({("school", "offences"), ("school", "substance"), ("police", "health"), ("police", "family")}),
)

#: From the notice to the end of a consent that is to end by itself.
_SHORTEST_CONSENT = timedelta(days=75)


@dataclass(frozen=True)
class Outline:
    """What one case goes through. Days without a date are drawn.

    `person`: the same for two cases of one person. `answers` to the request for consent: given, one_missing, awaited, declined or
    unreachable. `stops`: the status the work has come to, "" when it goes on. `lasts`: days from plan to closure, None while it goes on.
    """

    person: str
    opened: date
    team: str = "sspf"
    story: str = ""
    age: int | None = None
    born: date | None = None
    birth_day: int | None = None
    custodians: int = 2
    id_type: str = "personnummer"
    protected: str = "none"
    protected_parent: str = "none"
    answers: str = "given"
    left_out: frozenset[str] = frozenset()
    without: frozenset[tuple[str, str]] = frozenset()
    consent_ends: date | None = None
    withdrawn_on: date | None = None
    withdrawn_for: str = ""
    renewed_on: date | None = None
    stops: str = ""
    lasts: int | None = None
    closure: str = "goals_met"
    is_forgetful: bool = False
    paused_on: date | None = None
    blocked: str = ""
    meeting_on: date | None = None


def outlines(rng: Random, *, cases: int, quarters: int, today: date) -> list[Outline]:
    """This many outlines, opened in the quarters up to and including today's; the situations first, so that few cases show them too."""
    start = first_day(quarters, today)
    drawn = situations(today)[:cases]
    drawn += [_ordinary(rng, number, start, today, quarters) for number in range(1, cases - len(drawn) + 1)]
    return [_within(one, start, today) for one in drawn]


def first_day(quarters: int, today: date) -> date:
    """The first day of the first of this many quarters, the last of which is today's."""
    return quarters_until(today, quarters)[0].start


def quarters_until(today: date, count: int) -> list[Quarter]:
    """This many quarters, the last of which is today's."""
    found = [quarter(today)]
    while len(found) < count:
        found.insert(0, found[0].previous)
    return found


def _within(outline: Outline, start: date, today: date) -> Outline:
    """The same, opened on a working day and no earlier than the first day."""
    opened = max(last_working_day(outline.opened), working_day(start + timedelta(days=min(5, (today - start).days))))
    if outline.consent_ends is not None and outline.consent_ends < opened + _SHORTEST_CONSENT:
        return replace(outline, opened=opened, consent_ends=None, renewed_on=None)
    return replace(outline, opened=opened)


def situations(today: date) -> list[Outline]:
    """What every demonstration shows, the most asked for first."""

    def ago(days: int) -> date:
        return today - timedelta(days=days)

    def turning_fifteen(days: int) -> date:
        day = today + timedelta(days=days)
        return date(day.year - 15, day.month, min(day.day, 28))

    return [
        Outline("signature", ago(21), story="sena_kvallar", age=13, answers="one_missing"),
        Outline("fifteen-soon", ago(120), story="konflikter", born=turning_fifteen(18), without=USUAL_EXCEPTIONS[1]),
        Outline("fifteen-now", ago(150), story="sena_kvallar", born=turning_fifteen(-11), without=USUAL_EXCEPTIONS[3], meeting_on=ago(-4)),
        Outline("withdrawn", ago(140), story="franvaro", age=14, withdrawn_on=ago(9)),
        Outline("without-police", ago(110), story="franvaro", age=13, left_out=frozenset({"police"}), birth_day=15),
        Outline("protected", ago(100), story="utsatt", age=14, custodians=1, protected="sekretessmarkering"),
        Outline("kept", ago(400), story="snatterier", age=12, birth_day=5, lasts=130),
        Outline("late", ago(130), story="moped", age=16, is_forgetful=True, without=USUAL_EXCEPTIONS[1]),
        Outline("ends-soon", ago(172), story="alkohol", age=15, consent_ends=ago(-9), without=USUAL_EXCEPTIONS[3]),
        Outline("narrowed", ago(165), story="cannabis", age=16, withdrawn_on=ago(30), withdrawn_for="police"),
        Outline("declined", ago(76), story="sena_kvallar", age=15, answers="declined"),
        Outline("new", ago(2), story="smasyskon", age=11, stops="noticed"),
        Outline("protected-parent", ago(62), story="smasyskon", age=11, protected_parent="skyddad_folkbokforing"),
        Outline("high-risk", ago(33), team="sig", story="rekrytering", age=15, stops="mapping", without=USUAL_EXCEPTIONS[0]),
        Outline("of-age", ago(80), team="sig", story="lamna", age=18, without=USUAL_EXCEPTIONS[2], meeting_on=ago(-3)),
        Outline("moved-on", ago(310), story="moped", age=16, lasts=170, closure="sig_transfer"),
        Outline("moved-on", ago(75), team="sig", story="rekrytering", age=16, is_forgetful=True),
        Outline("expired", ago(190), story="alkohol", age=14, consent_ends=ago(37)),
        Outline("renewed", ago(380), story="franvaro", age=13, consent_ends=ago(160), renewed_on=ago(168), without=USUAL_EXCEPTIONS[2]),
        Outline("coordination", ago(48), story="sena_kvallar", age=14, id_type="samordningsnummer", custodians=1),
        Outline("reserve", ago(36), story="konflikter", age=12, id_type="reservnummer", custodians=1, stops="mapping"),
        Outline("unnumbered", ago(13), story="smasyskon", age=10, id_type="none", custodians=1, answers="awaited"),
        Outline("unreachable", ago(88), story="snatterier", age=12, answers="unreachable"),
        Outline("paused", ago(125), story="alkohol", age=15, paused_on=ago(17)),
        Outline("conflict", ago(56), story="konflikter", age=13, blocked="johan", without=USUAL_EXCEPTIONS[1]),
        Outline("waiting", ago(15), team="sig", story="cannabis", age=17, answers="awaited"),
        Outline("triaged", ago(7), story="moped", age=14, stops="triage"),
        Outline("mapped", ago(27), story="utsatt", age=15, stops="mapping", without=USUAL_EXCEPTIONS[2]),
        Outline(
            "gave-up", ago(290), story="sena_kvallar", age=15, birth_day=25, withdrawn_on=ago(180), lasts=90, closure="consent_withdrawn"
        ),
        Outline("late-too", ago(98), story="snatterier", age=13, is_forgetful=True, meeting_on=ago(-10), without=USUAL_EXCEPTIONS[1]),
    ]


_CLOSURES = ("goals_met", "ordinary_support", "youth_declined", "moved", "placed", "no_longer_needed")
_CLOSURE_SHARES = (50, 22, 10, 7, 4, 7)


def _ordinary(rng: Random, number: int, start: date, today: date, quarters: int) -> Outline:
    """A case drawn by lot: more of them early, so that many have been closed."""
    at = rng.choices(range(quarters), range(quarters, 0, -1))[0]
    days = max((today - start).days - 40, 1)
    opened = start + timedelta(days=min(int((at + rng.random()) * days / quarters) + 6, days))
    team = "sspf" if rng.random() < 0.75 else "sig"
    story = rng.choice([key for key, one in stories().items() if team in one.teams])
    lasts = rng.randint(90, 250)
    return Outline(
        person=f"lot-{number}",
        opened=opened,
        team=team,
        story=story,
        custodians=2 if rng.random() < 0.7 else 1,
        left_out=frozenset({"police"}) if rng.random() < 0.12 else frozenset(),
        without=rng.choice(USUAL_EXCEPTIONS),
        answers="declined" if rng.random() < 0.07 else "given",
        lasts=lasts,
        closure=rng.choices(_CLOSURES, _CLOSURE_SHARES)[0],
    )
