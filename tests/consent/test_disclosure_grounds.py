"""The grounds of disclosure as data, and the rules of dates and ages that bind to the day. No database: the rules are pure."""

import re
from dataclasses import replace
from datetime import date

import pytest
import yaml

from caseapp.cases import disclosing
from caseapp.codelists import BrokenCodeList
from caseapp.codelists.grounds import read_grounds, written_grounds
from caseapp.consent.disclosing import disclosure_grounds
from caseapp.consent.disclosure_rules import Proposed, why_not_agree, why_not_disclose

TODAY = date(2026, 6, 1)
PROPOSED = Proposed(
    from_agency="s", from_kind="social_services", to_agency="p", to_kind="police", has_recipient=False, types=("offences",),
    has_weighing=True, valid_from=TODAY, valid_to=date(2026, 6, 30), informed_on=TODAY, has_reason_not_informed=False,
    last_day_of_age=date(2026, 12, 31),
)  # fmt: skip


@pytest.mark.parametrize(
    ("ground", "proposed", "rule"),
    [
        ({}, {}, None),
        ({"valid_to": date(2026, 5, 31)}, {}, "ground_not_in_force"),
        ({"valid_from": date(2026, 6, 2)}, {}, "ground_not_in_force"),
        ({"valid_to": date(2026, 6, 29)}, {}, "ground_ends"),
        ({"valid_to": date(2026, 6, 30)}, {}, None),
        ({}, {"valid_to": date(2026, 7, 1)}, "too_long"),
        ({"longest_days": 31}, {"valid_to": date(2026, 7, 1)}, None),
        ({}, {"valid_from": date(2026, 5, 31)}, "in_the_past"),
        ({}, {"last_day_of_age": None}, "age_unknown"),
        ({}, {"last_day_of_age": date(2026, 5, 31)}, "too_old"),
        ({}, {"last_day_of_age": TODAY}, "past_the_age"),
        ({}, {"last_day_of_age": date(2026, 6, 30)}, None),
        ({"under_age": None}, {"last_day_of_age": None}, None),
        ({"weighing_needed": False}, {"has_weighing": False}, None),
    ],
)
def test_the_dates_and_ages_of_a_ground_bind_to_the_day(ground: dict, proposed: dict, rule: str | None) -> None:
    law = replace(disclosure_grounds()["prevent_crime_under_21"], **{"valid_from": date(2026, 1, 1), **ground})
    assert why_not_disclose(law, replace(PROPOSED, **proposed), TODAY) == rule


def test_nobody_agrees_on_a_ground_that_is_no_longer_offered() -> None:
    ground = replace(disclosure_grounds()["serious_crime"], valid_to=date(2026, 6, 30))
    assert why_not_agree("awaiting", "a", "b", ground, date(2026, 6, 30)) is None
    assert why_not_agree("awaiting", "a", "b", ground, date(2026, 7, 1)) == "ground_not_in_force"
    assert why_not_agree("awaiting", "a", "b", None, date(2026, 6, 30)) == "ground_not_in_force"


def test_somebody_born_on_29_february_turns_21_on_1_march() -> None:
    assert disclosing._last_day_under(date(2004, 2, 29), 21) == date(2025, 2, 28)


def test_every_ground_has_its_words_its_statute_and_its_conditions() -> None:
    for ground in disclosure_grounds().values():
        assert all((ground.label("sv"), ground.label("en"), ground.conditions("sv"), ground.conditions("en")))
        assert re.search(r"\d+ kap\. \d+ (\w )?§", ground.statute)
        assert 0 < ground.longest_days <= 90


def test_the_ground_for_the_young_is_from_social_services_to_the_police_under_21() -> None:
    ground = disclosure_grounds()["prevent_crime_under_21"]  # 10 kap. 18 a § OSL
    assert (ground.from_kinds, ground.to_kinds, ground.under_age) == ({"social_services"}, {"police"}, 21)
    assert not {"social_services", "health"} & disclosure_grounds()["general_clause"].from_kinds  # 10 kap. 27 § second paragraph


def test_a_list_with_an_unknown_kind_of_agency_or_a_missing_answer_is_refused_by_name() -> None:
    line = "disclosure_grounds:\n  x: {sv: A}"
    with pytest.raises(BrokenCodeList, match="the ground x must answer exactly"):
        read_grounds(line)
    whole = {**written_grounds()["necessary"], "from": ["navy"]}
    with pytest.raises(BrokenCodeList, match="navy"):
        read_grounds(yaml.safe_dump({"disclosure_grounds": {"x": whole}}))
