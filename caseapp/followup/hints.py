"""Does the support answer to risk and need? Reminders in words, which stop nothing. Pure.

After the principles of risk, need and responsivity: most support for those with the highest risk, aimed at what drives it, in a way
that works for this age. Each hint names its source. What is not known is never taken for "no": a need that was not asked about, is unknown
or is not for this reader gives no hint, and nothing is said of missing support unless the reader sees all support there is.

Sources: Andrews, Bonta & Hoge (1990), Classification for effective rehabilitation, Criminal Justice and Behavior 17(1); Socialstyrelsen,
final report on the grant 2021–2023 (2024-6-9178); Socialstyrelsen (8 November 2021), Insatser för att motverka fortsatt normbrytande
beteende och återfall i brott: five types by age, for children at high risk, and the advice against programmes like Scared Straight.
Which need domains a type is aimed at is written in the code list, as this project's proposal.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from caseapp.plans.rules import Recommendation, recommendation

CLEAR_NEED = frozenset({"2", "3"})
NO_NEED = "0"
HIGH_RISK = frozenset({"high", "very_high"})
LOW_RISK = "low"
INTENSIVE = "high"
#: The needs that confronting and deterring programmes are offered for.
OFTEN_CONFRONTED = ("norm_breaking", "attitudes")

RISK_AND_NEED = "Andrews, Bonta & Hoge 1990; Socialstyrelsen 2024-6-9178"
KNOWLEDGE_SUPPORT = "Socialstyrelsen 2021, Insatser för att motverka fortsatt normbrytande beteende och återfall i brott"


@dataclass(frozen=True)
class Given:
    """An intervention that has not ended: its type, the need it is aimed at and its intensity ("" where that was not said).

    `has_begun`: False for one that is planned.
    """

    type: str
    focus: str
    intensity: str = ""
    has_begun: bool = True


@dataclass(frozen=True)
class Kind:
    """What the catalogue says of a type: for which ages it is recommended, at which needs it is aimed, and from which level.

    `can_confront`: it may be given in a way that confronts or deters.
    """

    recommended: Recommendation | None = None
    needs: tuple[str, ...] = ()
    least: str = "2"
    can_confront: bool = False


@dataclass(frozen=True)
class Hint:
    """Something worth a thought: a code that a page turns into words, the source, and what it is about.

    `domains`: codes of NeedDomain. `type`: a code of InterventionType. `ages`: the lowest and highest whole years.
    """

    code: str
    source: str
    domains: tuple[str, ...] = ()
    type: str = ""
    ages: tuple[int, int] | None = None


def kind_of(written: Mapping[str, Any]) -> Kind:
    """What the catalogue has written of a type, as a value."""
    return Kind(recommendation(written), tuple(written.get("needs", ())), str(written.get("least", "2")), bool(written.get("caution")))


def hints(
    needs: Mapping[str, Any],
    risk: Any,
    given: Sequence[Given],
    *,
    age: int | None,
    all_seen: bool,
    catalogue: Mapping[str, Kind],
) -> tuple[Hint, ...]:
    """The hints for these needs (domain → level), this risk level, what is given or planned, and this age (None: not known, or not told).

    Without `all_seen` some support is not for the reader, or cannot be read: then nothing is said that rests on what is missing.
    """
    found = [*_about_risk(risk, given, all_seen)]
    if all_seen and (unmet := _unmet(needs, given)):
        found.append(Hint("need_without_intervention", RISK_AND_NEED, unmet))
    found += [Hint("intervention_without_need", RISK_AND_NEED, (one.focus,), one.type) for one in given if needs.get(one.focus) == NO_NEED]
    if all_seen and age is not None and risk != LOW_RISK:
        found += _recommended(needs, given, age, catalogue)
    if any(_is_clear(needs, domain) and _may_confront(domain, given, all_seen, catalogue) for domain in OFTEN_CONFRONTED):
        found.append(Hint("nothing_confrontational", KNOWLEDGE_SUPPORT))
    return tuple(found)


def _about_risk(risk: Any, given: Sequence[Given], all_seen: bool) -> Iterator[Hint]:
    if risk in HIGH_RISK and all_seen and not any(one.has_begun for one in given):
        yield Hint("high_risk_nothing_ongoing", RISK_AND_NEED)
    if risk == LOW_RISK:
        yield from (Hint("low_risk_intensive", RISK_AND_NEED, type=one.type) for one in given if one.intensity == INTENSIVE)


def _is_clear(needs: Mapping[str, Any], domain: str, least: str = "2") -> bool:
    level = needs.get(domain)
    return isinstance(level, str) and level in CLEAR_NEED and level >= least


def _unmet(needs: Mapping[str, Any], given: Sequence[Given]) -> tuple[str, ...]:
    """The clear needs at which nothing is aimed, neither what runs nor what is planned."""
    aimed_at = {one.focus for one in given}
    return tuple(domain for domain in needs if _is_clear(needs, domain) and domain not in aimed_at)


def _recommended(needs: Mapping[str, Any], given: Sequence[Given], age: int, catalogue: Mapping[str, Kind]) -> Iterator[Hint]:
    """The recommended types that fit the age and a clear need at which no recommended type is aimed yet."""
    used = {one.type for one in given}
    answered = {one.focus for one in given if (kind := catalogue.get(one.type)) and kind.recommended}
    for code, kind in catalogue.items():
        fitting = tuple(domain for domain in kind.needs if _is_clear(needs, domain, kind.least) and domain not in answered)
        if kind.recommended and kind.recommended.fits(age) and fitting and code not in used:
            yield Hint("recommended_fits", KNOWLEDGE_SUPPORT, fitting, code, (kind.recommended.lowest, kind.recommended.highest))


def _may_confront(domain: str, given: Sequence[Given], all_seen: bool, catalogue: Mapping[str, Kind]) -> bool:
    """Whether something is still to be chosen for this need, or what is aimed at it can be given in a confronting way."""
    aimed = [one for one in given if one.focus == domain]
    if not aimed:
        return all_seen
    return any((kind := catalogue.get(one.type)) is not None and kind.can_confront for one in aimed)
