"""The built-in rule sets of who must sign a consent, and what every rule set keeps to, as written in `consent_rules.yaml`, read once."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import yaml

_FILE = Path(__file__).with_name("consent_rules.yaml")


@cache
def _written() -> Mapping[str, Any]:
    return MappingProxyType(yaml.safe_load(_FILE.read_text(encoding="utf-8")))


def written_rule_sets() -> Mapping[str, Mapping[str, Any]]:
    """code → what the file says, in its order."""
    return MappingProxyType(_written()["rule_sets"])


def age_of_majority() -> int:
    """The age in whole years from which somebody decides alone and nobody has custody."""
    return int(_written()["bounds"]["majority"])


def most_months() -> int:
    """How many months a rule set may let a consent last, at most."""
    return int(_written()["bounds"]["longest_months"])
