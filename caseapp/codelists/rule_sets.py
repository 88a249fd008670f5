"""The built-in rule sets of who must sign a consent, as they are written in `consent_rules.yaml`, read once."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import yaml

_FILE = Path(__file__).with_name("consent_rules.yaml")


@cache
def written_rule_sets() -> Mapping[str, Mapping[str, Any]]:
    """code → what the file says, in its order."""
    return MappingProxyType(yaml.safe_load(_FILE.read_text(encoding="utf-8"))["rule_sets"])


def rule_set_choices(lang: str) -> list[tuple[str, str]]:
    """[(code, words)] for a form."""
    return [(code, str(written["en" if lang == "en" else "sv"])) for code, written in written_rule_sets().items()]
