"""Which rule set of who must sign has this code? The built-in ones and the municipality's own, version by version.

A code is a built-in set's name, the id of a version of an own set (what a consent keeps), or the id of an own set (what the municipality
chooses for a work form): then its newest version is meant. Promised: what is not known is refused by name; versions are read once in a
transaction. The built-in ones need no database. Writing them is in `rule_keeping.py`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from types import MappingProxyType
from typing import Any

from sqlalchemy import event, select
from sqlalchemy.orm import Session

from caseapp.access import DamagedRow, session
from caseapp.codelists.rule_sets import written_rule_sets

from .models import ConsentRuleSet
from .rules import RuleSet, rule_set


@dataclass(frozen=True)
class NamedRuleSet:
    """A rule set with its words. `set_id` is what a work form chooses; `number` 0 is a built-in set, which has no versions.

    `rules.code` stands for exactly this version. `en` may be empty in an own set: the Swedish name stands for it.
    """

    rules: RuleSet
    sv: str
    en: str
    set_id: str
    number: int = 0
    is_offered: bool = True
    made_at: datetime | None = None
    made_by_id: str = ""
    copied_from: str = ""

    def label(self, lang: str = "sv") -> str:
        """What it is called, in the asked language."""
        return (self.en or self.sv) if lang == "en" else self.sv

    @property
    def is_own(self) -> bool:
        """Whether the municipality wrote it."""
        return self.number > 0


@cache
def rule_sets() -> Mapping[str, NamedRuleSet]:
    """Every built-in rule set, by code, in the order of the file."""
    written = written_rule_sets().items()
    return MappingProxyType({code: NamedRuleSet(rule_set(code, one), one["sv"], one["en"], code) for code, one in written})


def rules_called(code: str) -> RuleSet:
    """The built-in rule set with this code; LookupError if there is none."""
    try:
        return rule_sets()[code].rules
    except KeyError:
        raise LookupError(f"there is no consent rule set {code!r}; there are {', '.join(rule_sets())}") from None


def rule_set_called(code: str) -> NamedRuleSet:
    """The rule set with this code, built in or own. Call it inside an action; DamagedRow if there is none, for something points at it."""
    found = rule_set_if_known(code)
    if found is None:
        raise DamagedRow(f"there is no consent rule set {code!r}, neither built in nor written here")
    return found


def rule_set_if_known(code: str) -> NamedRuleSet | None:
    """The same, or None: for what only tells of a rule."""
    if code in rule_sets():
        return rule_sets()[code]
    for versions in own_rule_sets().values():
        if versions[0].set_id == code:
            return versions[0]
        for version in versions:
            if version.rules.code == code:
                return version
    return None


def own_rule_sets() -> Mapping[str, tuple[NamedRuleSet, ...]]:
    """The municipality's own sets by id, each with its versions, the newest first, in the order they were begun."""
    current = session()
    known = current.info.get(_REMEMBERED)
    if known is None:
        known = current.info[_REMEMBERED] = _read_own(current)
    own: Mapping[str, tuple[NamedRuleSet, ...]] = known
    return own


_REMEMBERED = "consent rule sets"


@event.listens_for(Session, "after_flush")
def _forget(current: Session, *_: Any) -> None:
    if any(isinstance(row, ConsentRuleSet) for row in current.new):
        current.info.pop(_REMEMBERED, None)


def _read_own(current: Session) -> dict[str, tuple[NamedRuleSet, ...]]:
    found: dict[str, list[NamedRuleSet]] = {}
    begun = current.scalars(select(ConsentRuleSet).order_by(ConsentRuleSet.made_at, ConsentRuleSet.number)).all()
    for row in begun:
        found.setdefault(row.set_id, []).append(_named(row))
    return {set_id: tuple(sorted(versions, key=lambda one: -one.number)) for set_id, versions in found.items()}


def _named(row: ConsentRuleSet) -> NamedRuleSet:
    return NamedRuleSet(
        rules=rule_set(row.id, row.terms),
        sv=row.name,
        en=row.name_en,
        set_id=row.set_id,
        number=row.number,
        is_offered=row.is_offered,
        made_at=row.made_at,
        made_by_id=row.made_by_id,
        copied_from=row.terms.get("copied_from", ""),
    )
