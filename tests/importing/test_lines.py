"""What a row becomes, and each way in which it can be wrong; the expected values are written out by hand."""

from datetime import date
from typing import Any

import pytest

from caseapp.accounts import AgencyCard
from caseapp.importing.lines import LEFT_OUT, Line, Reading, read_lines, unknown_values
from caseapp.importing.matching import code_of
from caseapp.importing.rules import FIELDS, NEED
from caseapp.importing.sheets import ERROR_VALUE, UNSAVED_FORMULA, Sheet
from caseapp.importing.words import _REMARKS, _ROW
from caseapp.importing.words import FIELDS as FIELD_WORDS

TODAY = date(2026, 11, 26)
AGENCIES = (
    AgencyCard("a1", "Socialtjänsten", "social_services"),
    AgencyCard("a2", "Ekskolan", "school"),
    AgencyCard("a3", "Lokalpolisen", "police"),
)


def reading(cells: dict[str, Any], values: dict[str, dict[str, str]] | None = None, *, from_1904: bool = False) -> Reading:
    codes = list(cells)
    sheet = Sheet("", (tuple(codes), tuple(cells.values())))
    return Reading(sheet, 1, dict(enumerate(codes)), values or {}, AGENCIES, "sspf", TODAY, from_1904)


def line(values: dict[str, dict[str, str]] | None = None, *, from_1904: bool = False, **cells: Any) -> Line:
    """The row with these cells (field → what stands there), and a name and a number unless others are given."""
    whole = {"name": "Alva Lind", "number": "20110415-2382", **cells}
    (found,) = read_lines(reading(whole, values, from_1904=from_1904))
    return found


def problems(found: Line) -> list[tuple[str, str]]:
    return [(one.about, one.code) for one in found.problems]


def remarks(found: Line) -> set[tuple[str, str]]:
    return {(one.about, one.code) for one in found.remarks}


def test_a_whole_row_becomes_a_case() -> None:
    found = line(
        opened_on="2026-03-03", referral_source="skolan", concerns="Skolk; droger", custodian="Mona Lind", custodian_phone="070-1",
        custodian2="Lind, Per", participants="Polisen, skola", note="Vill börja om.", consent="2025-02-01", need_school="tydligt",
        work_form="SSPF",
    )  # fmt: skip
    assert found.is_fine
    assert found.person is not None
    assert (found.person.name, found.person.sex, found.person.written_number) == ("Alva Lind", "f", "201104152382")
    assert (found.number, found.opened_on, found.referral_source) == (2, date(2026, 3, 3), "school")
    assert found.concerns == ("school_absence", "substance_use")
    assert [(one.name, one.phone) for one in found.custodians] == [("Mona Lind", "070-1"), ("Per Lind", "")]
    assert found.agencies == ("a3", "a2")
    assert (found.notes, found.consent, found.needs) == (("Vill börja om.",), "2025-02-01", {"school": "2"})
    assert remarks(found) == {("", "consent_not_taken")}


@pytest.mark.parametrize(
    "typed",
    ["20110415-2382", "201104152382", "110415-2382", "1104152382", 201104152382, "'1104152382", " 110415 - 2382 "],
)
def test_a_number_is_understood_however_it_stands_there(typed: object) -> None:
    found = line(number=typed)
    assert found.person is not None
    assert found.person.written_number == "201104152382"


def test_a_number_gets_back_the_zero_that_excel_took() -> None:
    found = line(number=504152380)  # 050415-2380
    assert found.person is not None
    assert found.person.written_number == "200504152380"
    assert ("number", "zero_restored") in remarks(found)
    assert problems(line(number=504152381)) == [("number", "check_digit")]
    assert problems(line(number="504152380")) == [("number", "not_a_number")]  # a text lost no zero by itself


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("20110415-2383", "check_digit"),
        ("20111315-2382", "impossible_date"),
        ("Alva", "not_a_number"),
        ("123", "not_a_number"),
        (1.5, "not_a_number"),
        (UNSAVED_FORMULA, "unsaved_formula"),
        (ERROR_VALUE, "error_value"),
        ("=B2", "formula"),
    ],
)
def test_a_number_that_is_wrong_says_how(typed: object, code: str) -> None:
    found = line(number=typed)
    assert problems(found) == [("number", code)]
    assert not found.is_fine


def test_a_day_of_birth_in_place_of_a_number_is_taken_and_told() -> None:
    for typed in ("20110415", "2011-04-15", "110415", "20110415-0000", "20110415-XXXX", "110415-T123", 20110415):
        found = line(number=typed)
        assert found.person is not None, typed
        assert (found.person.number, found.person.birth_date) == (None, date(2011, 4, 15)), typed
        assert ("number", "only_birth_date") in remarks(found)
    assert line(number="", born="15/4 2011").person == line(number="", born="2011-04-15").person
    assert problems(line(number="", born="")) == [("", "no_identity")]
    assert problems(line(born="2011-04-16")) == [("born", "birth_date_differs")]


@pytest.mark.parametrize(
    "typed",
    ["2026-03-03", "20260303", "3/3 2026", "3 mars 2026", "260303", "2026-03-03 14:30", "2026-03-03T00:00:00", 46084.0, "46084"],
)
def test_a_day_is_understood_in_every_usual_shape(typed: object) -> None:
    # 46084 days after 1899-12-30 is 2026-03-03: 36526 is 2000-01-01 in every spreadsheet, and 9558 days later is that day
    assert line(opened_on=typed).opened_on == date(2026, 3, 3)


def test_days_counted_from_1904_are_not_four_years_off() -> None:
    assert line(opened_on=44622.0, from_1904=True).opened_on == date(2026, 3, 3)
    assert ("opened_on", "excel_day") in remarks(line(opened_on=44622.0, from_1904=True))


@pytest.mark.parametrize(
    ("typed", "code"),
    [("2026-02-30", "no_such_day"), ("2027-01-01", "future_day"), ("i våras", "no_day"), (46.5, "no_day"), ("3/14/2026", "no_such_day")],
)
def test_a_day_that_is_none_says_why(typed: object, code: str) -> None:
    assert problems(line(opened_on=typed)) == [("opened_on", code)]


def test_without_a_day_the_case_begins_today_and_that_is_told() -> None:
    assert line().opened_on is None
    assert ("", "opened_today") in remarks(line())


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("Lind, Alva", "Alva Lind"),
        ("  Alva   Lind ", "Alva Lind"),
        ("Ana-María O'Çelik", "Ana-María O'Çelik"),
        ("Åsa", "Åsa"),
        ("李小龍", "李小龍"),
    ],
)
def test_names_are_taken_as_they_are_and_turned_round_at_a_comma(typed: str, name: str) -> None:
    assert line(name=typed).name == name
    assert line(name=typed).is_fine


def test_names_that_are_none_are_refused_and_odd_ones_told() -> None:
    assert problems(line(name="")) == [("", "name_missing")]
    assert problems(line(name="---")) == [("name", "no_name")]
    assert problems(line(name="=SUMMA(A1)")) == [("name", "formula")]
    assert problems(line(name="x" * 200)) == [("name", "text_too_long")]
    assert problems(line(name="Alva\u202eLind")) == [("name", "odd_characters")]
    assert ("name", "odd_name") in remarks(line(name="Alva Lind 2"))
    assert line(name="", first_name="Alva", last_name="Lind").name == "Alva Lind"


def test_custodians_are_parted_and_telephones_found() -> None:
    found = line(custodian="Mona Lind 070-123 45 67; Per Lind\nBo Ek, +46 70 765 43 21")
    assert [(one.name, one.phone, one.role) for one in found.custodians] == [
        ("Mona Lind", "070-123 45 67", "custodian"), ("Per Lind", "", "custodian"), ("Bo Ek", "+46 70 765 43 21", "custodian"),
    ]  # fmt: skip
    assert [one.phone for one in line(custodian="Mona Lind", custodian_phone=701234567).custodians] == ["0701234567"]
    assert problems(line(custodian_phone="070-1234567")) == [("custodian_phone", "phone_of_nobody")]
    assert ("", "no_custodian") in remarks(line())
    assert ("", "no_custodian") not in remarks(line(number="19990217-9895"))  # of age: nobody has custody


def test_sex_is_as_written_and_otherwise_as_the_number_tells() -> None:
    sexes = [line(**cells).person for cells in ({}, {"sex": "Pojke"}, {"number": "", "born": "2011-04-15"}, {"number": "20100105-2396"})]
    assert [person and person.sex for person in sexes] == ["f", "m", "u", "m"]
    assert ("sex", "sex_differs") in remarks(line(sex="pojke"))


def test_a_word_that_is_not_known_is_asked_about_and_then_means_what_was_chosen() -> None:
    unknown = reading({"name": "Alva Lind", "number": "20110415-2382", "concerns": "Skolk; Glömska", "participants": "Tomten"})
    assert unknown_values(unknown) == {"concerns": {"glömska": ("Glömska", 1)}, "participants": {"tomten": ("Tomten", 1)}}
    assert problems(line(concerns="Skolk; Glömska")) == [("concerns", "unknown_value")]
    chosen = {"concerns": {"glömska": "school_problem"}, "participants": {"tomten": LEFT_OUT}}
    found = line(chosen, concerns="Skolk; Glömska", participants="Tomten; polisen")
    assert (found.concerns, found.agencies, found.problems) == (("school_absence", "school_problem"), ("a3",), ())


@pytest.mark.parametrize(
    ("codelist", "words", "code"),
    [
        ("Sex", "Flicka/kvinna", "f"),
        ("Sex", "K", "f"),
        ("Concern", "Hög frånvaro från skolan", "school_absence"),
        ("Concern", "Misstänks för eller har begått brott", "suspected_crime"),
        ("ReferralSource", "POLISEN", "police"),
        ("NeedLevel", "3", "3"),
        ("NeedLevel", "Stort eller akut behov", "3"),
        ("WorkForm", "Social insatsgrupp (SIG), barn", "sig_child"),
        ("ProtectedStatus", "Kvarskrivning", "skyddad_folkbokforing"),
        ("Concern", "något annat som hänt", None),
        ("Sex", "", None),
    ],
)
def test_words_are_matched_to_the_code_lists(codelist: str, words: str, code: str | None) -> None:
    assert code_of(codelist, words) == code


def test_a_row_of_another_work_form_does_not_become_a_case_of_this_team() -> None:
    assert problems(line(work_form="SIG")) == [("work_form", "other_work_form")]


def test_protected_population_registration_keeps_no_telephone() -> None:
    found = line(protected="skyddad folkbokföring", phone="070-1234567")
    assert found.person is not None
    assert found.person.protected == "skyddad_folkbokforing"
    assert ("phone", "phone_not_kept") in remarks(found)


def test_rows_without_anything_in_a_chosen_column_are_passed_by() -> None:
    sheet = Sheet("", (("Namn", "Nr", "Annat"), ("Alva Lind", "20110415-2382"), (), ("", "", "summa 1"), ("Bo Ek", "20100105-2396")))
    rows = read_lines(Reading(sheet, 1, {0: "name", 1: "number"}, {}, AGENCIES, "sspf", TODAY))
    assert [(row.number, row.name) for row in rows] == [(2, "Alva Lind"), (5, "Bo Ek")]


def test_everything_that_can_be_told_has_a_sentence() -> None:
    told = {one.code for cells in CASES for one in (*line(**cells).problems, *line(**cells).remarks)}
    assert told <= set(_ROW) | set(_REMARKS)
    assert set(FIELD_WORDS) == {code for code in FIELDS if not code.startswith(NEED)}


CASES: list[dict[str, Any]] = [
    {}, {"number": "x"}, {"name": ""}, {"name": "1"}, {"opened_on": "x"}, {"sex": "?"}, {"work_form": "SIG"}, {"note": "x" * 5000},
    {"custodian_phone": "1234567"}, {"born": "2000-01-01"}, {"number": 504152380}, {"opened_on": 46084.0}, {"consent": "ja"},
]  # fmt: skip
