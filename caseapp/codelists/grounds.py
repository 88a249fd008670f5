"""The grounds of disclosure as they are written in `disclosure_grounds.yaml`, read once.

Which of them a decision may rest on is asked in consent; here it is only text. Promised: every line has all its answers, and every kind
of agency it names is a code of Actor; a file that does not is refused by name when it is read.
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import yaml

from caseapp.codelists import BrokenCodeList, codelist

_FILE = Path(__file__).with_name("disclosure_grounds.yaml")
_ANSWERS = {
    "sv", "en", "statute", "valid_from", "valid_to", "from", "to", "outside", "weighing", "two", "longest_days", "under_age", "conditions",
}  # fmt: skip


@cache
def written_grounds() -> Mapping[str, Mapping[str, Any]]:
    """code → what the file says, in its order."""
    return read_grounds(_FILE.read_text(encoding="utf-8"))


def read_grounds(text: str) -> Mapping[str, Mapping[str, Any]]:
    """The grounds written in a YAML text; BrokenCodeList tells what is missing and where."""
    written = yaml.safe_load(text)["disclosure_grounds"]
    for code, one in written.items():
        if set(one) != _ANSWERS:
            raise BrokenCodeList(f"the ground {code} must answer exactly {', '.join(sorted(_ANSWERS))}")
        unknown = {*one["from"], *one["to"]} - set(codelist("Actor"))
        if unknown:
            raise BrokenCodeList(f"the ground {code} names {', '.join(sorted(unknown))}, which are no codes of Actor")
    return MappingProxyType(written)
