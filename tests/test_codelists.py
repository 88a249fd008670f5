"""The code lists are data that can be trusted: whole, in order, bilingual, and loud when something is missing."""

from __future__ import annotations

import pytest

from caseapp import codelists
from caseapp.codelists import BrokenCodeList, UnknownCode


def test_a_list_keeps_the_order_of_the_file_and_both_languages() -> None:
    levels = codelists.codelist("NeedLevel")
    assert list(levels) == ["0", "1", "2", "3", "9"]
    assert levels["2"].label("sv") == "Tydligt behov"
    assert levels["2"].label("en") == "Clear"
    assert codelists.choices("NeedLevel", "en")[0] == ("0", "None")
    assert codelists.label("NeedDomain", "school", "sv") == "Skola"


def test_words_that_yaml_mistakes_for_truth_stay_words() -> None:
    assert list(codelists.codelist("YesNoUnknown")) == ["yes", "no", "unknown"]


def test_what_else_the_file_says_of_a_code_is_kept() -> None:
    family = codelists.codelist("InterventionType")["family_treatment"]
    assert family.extra["recommended"] is True
    assert family.extra["age"] == "12-17"


def test_an_unknown_list_or_code_is_refused_by_name() -> None:
    with pytest.raises(UnknownCode, match="NeedDomian"):
        codelists.codelist("NeedDomian")
    with pytest.raises(UnknownCode, match="'12' is not a code of NeedLevel"):
        codelists.label("NeedLevel", "12")
    assert codelists.codelist("NeedLevel").get("12") is None
    assert "12" not in codelists.codelist("NeedLevel")


def test_a_list_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        codelists.codelist("Sex")["x"] = None  # type: ignore[index]
    with pytest.raises(AttributeError):
        codelists.codelist("Sex")["f"].sv = "Annat"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("Sex:\n  f: {sv: F, en: F}", "version"),
        ("version: '1'\nYesNo:\n  yes: {sv: Ja, en: Yes}", "quotation marks"),
        ("version: '1'\nLevel:\n  0: {sv: Noll, en: Zero}", "quotation marks"),
        ("version: '1'\nSex:\n  f: {sv: F}", "'en' is missing"),
        ("version: '1'\nSex:\n  f: {sv: '', en: F}", "'sv' is missing"),
        ("version: '1'\nSex:\n  f: {sv: F, en: F}\n  f: {sv: G, en: G}", "stands twice"),
        ("version: '1'\nSex: []", "list of codes"),
        ("version: '1'\nSex: {f: {sv: !!python/name:os.system x, en: y}}", "cannot be read"),
        ("{{{", "cannot be read"),
    ],
)
def test_a_broken_file_is_refused_and_the_message_says_where(text: str, what: str) -> None:
    with pytest.raises(BrokenCodeList, match=what):
        codelists.read(text)


def test_the_version_is_told() -> None:
    assert codelists.version()
    assert "AgeBand" in codelists.names()
