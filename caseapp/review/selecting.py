"""Making the list of a month (månadens urval): once, with a seed that is kept, while everybody else goes on working.

Three steps. The month is begun: the seed is drawn and stored. The log is gone through, reading alone, so that nobody waits; names are
compared in steps of their own. The list is stored whole. Interrupted anywhere, it is begun again with the same seed, and gives the same
sample; made once, it is never made again. In memory are one day's readings, what was chosen, and a number for each person and day.
"""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from caseapp.access import (
    LOG_REVIEWER,
    Actor,
    Permission,
    Refused,
    StaleForm,
    action,
    allow,
    check_whole,
    log_as,
    log_detail,
    now,
    session,
    today,
)
from caseapp.accounts import office
from caseapp.cases.numbers import numbers_of
from caseapp.db import transaction
from caseapp.formats import local_day

from .gathering import Found, gather
from .models import ReviewItem, ReviewMonth
from .names import Pair, compare_surnames
from .readings import first_moment, pairs_after
from .rules import (
    RULES,
    SELECTED,
    Month,
    ReviewSettings,
    month_called,
    month_of,
    settings_of,
    why_not_select,
)

Progress = Callable[[float], None]
"""Told the share that is done, from 0 to 1."""
_CASES_AT_A_TIME = 250
#: How many months that have ended are offered, the newest first.
_OFFERED = 12


@dataclass(frozen=True)
class MadeList:
    """The list of a month. `is_new`: whether it was made now. `counts`: entries, readings, and for each rule how many items."""

    month: Month
    is_new: bool
    items: int
    counts: Mapping[str, int]
    reviewers: int


def make_list(actor: Actor, month: Month, *, progress: Progress = lambda _share: None) -> MadeList:
    """Choose what is reviewed of this month, or find that it is chosen already. Raises Refused("month_not_ended")."""
    begun = _begin(actor, month)
    if isinstance(begun, MadeList):
        return begun
    alike = _same_names(actor, month, progress)
    found = gather(month, begun.seed, begun.settings, alike, lambda share: progress(0.3 + 0.6 * share))
    try:
        made = _keep(actor, month, found)
    except StaleForm:  # somebody else stored the same list in this very moment
        there = _begin(actor, month)
        if not isinstance(there, MadeList):
            raise
        made = there
    progress(1.0)
    return made


@dataclass(frozen=True)
class _Begun:
    seed: bytes
    settings: ReviewSettings


@action
def _begin(actor: Actor, month: Month) -> _Begun | MadeList:
    """The seed of this month and the settings, stored; or the list, if it is made."""
    allow(actor, Permission.SELECT_REVIEW)
    why = why_not_select(month, today())
    if why is not None:
        raise Refused(why, Permission.SELECT_REVIEW)
    log_detail(month=month.written)
    row = _month_row(month)
    if row is None:
        settings = settings_of(office().settings)
        row = ReviewMonth(month=month.written, begun_at=now(), seed=secrets.token_hex(32), settings=settings.written())
        session().add(row)
        try:
            session().flush()
        except IntegrityError:  # begun by somebody else in this very moment
            raise Refused("review_under_way", Permission.SELECT_REVIEW) from None
    check_whole(row)
    if row.made_at is not None:
        log_as("view")
        return _made(row, is_new=False)
    return _Begun(bytes.fromhex(row.seed), settings_of({"review": row.settings}))


def _month_row(month: Month) -> ReviewMonth | None:
    return session().scalars(select(ReviewMonth).where(ReviewMonth.month == month.written)).one_or_none()


def _made(row: ReviewMonth, *, is_new: bool) -> MadeList:
    items = len(session().scalars(select(ReviewItem.id).where(ReviewItem.month == row.month)).all())
    return MadeList(month_called(row.month), is_new, items, row.counts, len(reviewers_today()))


def reviewers_today() -> list[str]:
    """The ids of those who may review the log today. Inside a transaction."""
    return [user.id for user in office().users.values() if user.is_active and LOG_REVIEWER in user.roles]


def _same_names(actor: Actor, month: Month, progress: Progress) -> frozenset[Pair]:
    alike: set[Pair] = set()
    last = ""
    while True:
        with transaction(reading=True):
            readers = pairs_after(*month.bounds, last, _CASES_AT_A_TIME)
        if not readers:
            return frozenset(alike)
        alike |= compare_surnames(actor, readers)
        last = max(readers)
        progress(0.3 * int(last[:2], 16) / 256)  # ids are random: the first digits tell how far in their order this is


# -- storing ----------------------------------------------------------------------------------------------------------


@action
def _keep(actor: Actor, month: Month, found: Found) -> MadeList:
    """Store the list, unless somebody else has done so meanwhile."""
    allow(actor, Permission.SELECT_REVIEW)
    row = _month_row(month)
    if row is None:
        raise Refused("review_under_way", Permission.SELECT_REVIEW)
    check_whole(row)
    if row.made_at is not None:
        log_as("view")
        return _made(row, is_new=False)
    places = sorted(found.facts)
    numbers = numbers_of({case_id for facts in found.facts.values() for case_id in [facts["case"], *facts.get("case_ids", ())]} - {""})
    for position, (day, user_id, case_id) in enumerate(places):
        facts = found.facts[day, user_id, case_id]
        rules = found.rules[day, user_id, case_id]
        facts |= {"number": numbers.get(facts["case"], ""), "rules": [rule for rule in RULES if rule in rules]}
        if "case_ids" in facts:
            facts["numbers"] = sorted(numbers[one] for one in facts.pop("case_ids") if one in numbers)
        item = ReviewItem(month=month.written, user_id=user_id, day=day, place=position, state=SELECTED, facts=facts)
        session().add(item)
    by_rule = {rule: sum(rule in rules for rules in found.rules.values()) for rule in RULES}
    row.made_at, row.made_by_id = now(), actor.user_id or None
    row.counts = {"entries": found.entries, "readings": found.readings} | by_rule
    log_detail(month=month.written, items=len(places))
    session().flush()
    return _made(row, is_new=True)


def months_to_make() -> list[Month]:
    """The months that have ended and have no list, the newest first; at most a year's. Inside a transaction."""
    begins = first_moment()
    if begins is None:
        return []
    made = set(session().scalars(select(ReviewMonth.month).where(ReviewMonth.made_at.is_not(None))))
    month, found = month_of(local_day(begins)), []
    while why_not_select(month, today()) is None:
        found.append(month)
        month = month.following
    return [one for one in reversed(found[-_OFFERED:]) if one.written not in made]
