"""The built-in rule sets of who must sign, read from `codelists/consent_rules.yaml`. Data, not law: a municipality chooses.

Promised: asking for a rule set that is not in the file is refused by name; the file is read once.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from caseapp.codelists.rule_sets import written_rule_sets

from .rules import RuleSet, rule_set


@dataclass(frozen=True)
class NamedRuleSet:
    """A rule set with its words."""

    rules: RuleSet
    sv: str
    en: str

    def label(self, lang: str = "sv") -> str:
        """What it says, in the asked language."""
        return self.en if lang == "en" else self.sv


@cache
def rule_sets() -> Mapping[str, NamedRuleSet]:
    """Every built-in rule set, by code, in the order of the file."""
    written = written_rule_sets().items()
    return MappingProxyType({code: NamedRuleSet(rule_set(code, one), one["sv"], one["en"]) for code, one in written})


def rules_called(code: str) -> RuleSet:
    """The rule set with this code; LookupError if there is none."""
    try:
        return rule_sets()[code].rules
    except KeyError:
        raise LookupError(f"there is no consent rule set {code!r}; there are {', '.join(rule_sets())}") from None
