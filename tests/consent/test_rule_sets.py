"""Rule sets a municipality writes, through the actions of administrator and coordinator: versions stay, consents keep theirs."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from sqlalchemy import text

from caseapp import audit
from caseapp.access import Actor, DamagedRow, NotFound, Refused, StaleForm, session
from caseapp.accounts.actions import set_municipality
from caseapp.cases import actions as cases
from caseapp.cases import consenting
from caseapp.cases.starting import NewRelated
from caseapp.consent.actions import (
    AgeRule,
    Answer,
    ConsentProblem,
    RuleProblem,
    Wording,
    offer_rule_set,
    read_rule_set,
    read_rule_sets,
    rewrite_rule_set,
    write_rule_set,
)
from caseapp.consent.models import ConsentRuleSet, NeverAltered
from caseapp.db import transaction
from caseapp.formats import clock
from tests.consent.test_journeys import DAY, YEAR, Story, story  # noqa: F401 - a fixture
from tests.installations import Installation
from tests.municipality import OWN_RULES, Municipality

ACT = Callable[[str], Actor]
ADULT = AgeRule(None, "none", True)
#: From 13 the young person signs as well; six months at most; the police only when needed.
FROM_13 = Wording("Vår regel", (AgeRule(13, "all", False), AgeRule(18, "all", True), ADULT), 6, "Our rule", frozenset({"police"}))
FROM_16 = Wording("Vår regel", (AgeRule(16, "all", False), AgeRule(18, "all", True), ADULT), 9, "Our rule", frozenset({"police"}))


def use(admin: Actor, set_id: str, work_form: str = "sspf") -> None:
    """Let the municipality choose this rule set for a work form."""
    set_municipality(admin, consent_rules={work_form: set_id})


@pytest.fixture
def admin(actor: ACT) -> Actor:
    return actor("admin")


# -- versions -----------------------------------------------------------------------------------------------------------------


def test_a_copy_is_written_changed_and_each_version_stays_with_who_and_when(admin: Actor) -> None:
    set_id = write_rule_set(admin, FROM_13, copied_from="always_both")
    assert rewrite_rule_set(admin, set_id, FROM_16) == 2
    kept = read_rule_set(admin, set_id)
    assert [(one.number, one.rules.bands, one.rules.longest_months) for one in kept.versions] == [
        (2, FROM_16.bands, 9),
        (1, FROM_13.bands, 6),
    ]
    assert kept.changes == {2: ("bands", "longest_months")}
    assert {kept.user_names[one.made_by_id] for one in kept.versions} == {"Administratör"}
    assert all(one.made_at is not None for one in kept.versions)
    assert kept.copied_from is not None
    assert kept.copied_from.set_id == "always_both"
    assert (kept.newest.label("sv"), kept.newest.label("en")) == ("Vår regel", "Our rule")


def test_a_rule_without_an_english_name_shows_its_swedish_one(admin: Actor) -> None:
    kept = read_rule_set(admin, write_rule_set(admin, Wording("Bara svenska", FROM_13.bands, 6)))
    assert kept.newest.label("en") == "Bara svenska"


def test_saving_what_was_not_changed_makes_no_version(admin: Actor) -> None:
    set_id = write_rule_set(admin, FROM_13)
    assert rewrite_rule_set(admin, set_id, FROM_13) == 1
    assert len(read_rule_set(admin, set_id).versions) == 1


def test_a_form_made_from_an_older_version_is_refused_as_stale(admin: Actor) -> None:
    set_id = write_rule_set(admin, FROM_13)
    rewrite_rule_set(admin, set_id, FROM_16, number=1)
    with pytest.raises(StaleForm):
        rewrite_rule_set(admin, set_id, FROM_13, number=1)


def test_nothing_can_alter_or_remove_a_version(admin: Actor) -> None:
    set_id = write_rule_set(admin, FROM_13)
    for spoil in (lambda row: setattr(row, "is_offered", False), lambda row: session().delete(row)):
        with transaction() as current:
            spoil(current.query(ConsentRuleSet).filter_by(set_id=set_id).one())
            with pytest.raises(NeverAltered):
                current.flush()
    assert read_rule_set(admin, set_id).newest.is_offered


def test_a_built_in_rule_is_copied_and_never_changed(admin: Actor) -> None:
    for attempt in (lambda: rewrite_rule_set(admin, "default", FROM_13), lambda: offer_rule_set(admin, "default", offered=False)):
        with pytest.raises(RuleProblem, match="built_in"):
            attempt()


@pytest.mark.parametrize("name", ["Vår regel", "VÅR REGEL", "Under 18 år vårdnadshavarna, sedan den unge"])
def test_two_rules_cannot_have_the_same_name(admin: Actor, name: str) -> None:
    write_rule_set(admin, FROM_13)
    with pytest.raises(RuleProblem, match="name_taken"):
        write_rule_set(admin, Wording(name, FROM_13.bands, 6))


UNSOUND = [
    (Wording("X", (AgeRule(15, "all", False), ADULT), 6), "gap"),
    (Wording("X", (AgeRule(18, "all", False), AgeRule(15, "all", True), ADULT), 6), "overlap"),
    (Wording("X", FROM_13.bands, 0), "absurd_months"),
    (Wording("X", FROM_13.bands, 999), "absurd_months"),
    (Wording("  ", FROM_13.bands, 6), "name_missing"),
    (Wording("X", FROM_13.bands, 6, "", frozenset({"martians"})), "unknown_actor"),
]


@pytest.mark.parametrize(("wording", "code"), UNSOUND)
def test_a_rule_that_is_not_sound_is_neither_written_nor_a_new_version(admin: Actor, wording: Wording, code: str) -> None:
    set_id = write_rule_set(admin, FROM_13)
    for attempt in (lambda: write_rule_set(admin, wording), lambda: rewrite_rule_set(admin, set_id, wording)):
        with pytest.raises(RuleProblem, match=code):
            attempt()
    assert len(read_rule_set(admin, set_id).versions) == 1


def test_a_rule_that_a_work_form_uses_goes_on_being_offered(admin: Actor) -> None:
    set_id = write_rule_set(admin, FROM_13)
    use(admin, set_id)
    with pytest.raises(RuleProblem, match="in_use"):
        offer_rule_set(admin, set_id, offered=False)
    use(admin, "default")
    offer_rule_set(admin, set_id, offered=False)
    offer_rule_set(admin, set_id, offered=True)
    assert read_rule_set(admin, set_id).changes == {2: ("stopped",), 3: ("offered",)}


@pytest.mark.parametrize("login", ["karin", "ulla", "stellan", "greta", "lena"])
def test_only_an_administrator_keeps_the_rules(actor: ACT, admin: Actor, login: str) -> None:
    set_id = write_rule_set(admin, FROM_13)
    somebody = actor(login)
    for attempt in (
        lambda: read_rule_sets(somebody),
        lambda: read_rule_set(somebody, set_id),
        lambda: write_rule_set(somebody, OWN_RULES),
        lambda: rewrite_rule_set(somebody, set_id, FROM_16),
        lambda: offer_rule_set(somebody, set_id, offered=False),
    ):
        with pytest.raises(Refused):
            attempt()
    assert len(read_rule_set(admin, set_id).versions) == 1


@pytest.mark.parametrize("set_id", ["", "norrland", "00000000-0000-4000-8000-000000000000"])
def test_a_rule_that_does_not_exist_is_not_found(admin: Actor, set_id: str) -> None:
    with pytest.raises(NotFound):
        read_rule_set(admin, set_id)


def test_each_change_stands_in_the_log_with_the_row_it_wrote(admin: Actor) -> None:
    set_id = write_rule_set(admin, FROM_13)
    rewrite_rule_set(admin, set_id, FROM_16)
    with transaction(reading=True) as current:
        entries = current.query(audit.AuditEntry).order_by(audit.AuditEntry.sequence).all()[-2:]
    assert [(entry.action, entry.permission, entry.actor_id) for entry in entries] == [
        ("create", "settings.manage", admin.user_id),
        ("update", "settings.manage", admin.user_id),
    ]


def test_a_version_edited_in_the_database_stops_the_work(story: Story, admin: Actor, installation: Installation) -> None:  # noqa: F811
    use(admin, write_rule_set(admin, FROM_13))
    with transaction() as current:
        current.execute(text("UPDATE consent_rule_set SET number = 7"))
        current.commit()
    with pytest.raises(DamagedRow):
        story.ask()


# -- what a coordinator meets -------------------------------------------------------------------------------------------------


def test_a_consent_is_asked_by_the_rule_and_keeps_the_version_it_was_asked_under(story: Story, admin: Actor) -> None:  # noqa: F811
    """Alva is 14: under the first version she signs, under the second she does not."""
    set_id = write_rule_set(admin, FROM_13)
    use(admin, set_id)
    first = story.ask(valid_to=date(YEAR, 6, 1))
    assert [one.role for one in story.consent(first).signatures] == ["custodian", "custodian", "youth"]
    assert story.answer(first, "given", "given", "given") == "active"
    rewrite_rule_set(admin, set_id, FROM_16)
    second = story.ask(valid_to=date(YEAR, 6, 1))
    assert [one.role for one in story.consent(second).signatures] == ["custodian", "custodian"]
    page = consenting.read_consent(story.karin, story.case_id)
    assert {page.asked_under[one].number for one in (first,)} == {1}
    assert page.asked_under[second].number == 2
    assert page.rule.number == 2
    assert story.consent(first).state == "active", "a new version changes no consent that is signed"
    assert page.renewals(first) == (), "and asks for none to be renewed"


@pytest.mark.parametrize(("last", "taken"), [(DAY + timedelta(days=183), True), (DAY + timedelta(days=184), False)])
def test_a_consent_lasts_no_longer_than_the_rule_allows(story: Story, admin: Actor, last: date, taken: bool) -> None:  # noqa: F811
    """Six months from 2 March are over on 1 September: 183 days later."""
    use(admin, write_rule_set(admin, FROM_13))
    if taken:
        assert story.consent(story.ask(valid_to=last)).valid_to == date(YEAR, 9, 1)
    else:
        with pytest.raises(ConsentProblem, match="too_long"):
            story.ask(valid_to=last)


def test_the_birthday_that_counts_is_the_one_of_the_version_a_consent_was_asked_under(story: Story, admin: Actor) -> None:  # noqa: F811
    first = story.active(valid_to=date(YEAR, 6, 1))  # by the default rule: 15 on 15 April
    use(admin, write_rule_set(admin, FROM_16))
    assert consenting.read_consent(story.karin, story.case_id).birthdays == (date(YEAR, 4, 15),)
    assert story.consent(first).rule_set == "default"


def test_a_young_persons_yes_before_the_age_of_the_rule_undoes_the_whole_answer(story: Story) -> None:  # noqa: F811
    consent_id = story.ask(valid_from=date(YEAR, 4, 15), valid_to=date(YEAR, 6, 1))
    cards = story.consent(consent_id).signatures
    assert [one.role for one in cards] == ["custodian", "custodian", "youth"]
    answers = [Answer(card.id, "given", DAY, "paper") for card in cards]
    with pytest.raises(ConsentProblem, match="too_young") as refused:
        consenting.register_answers(story.karin, story.case_id, consent_id, answers)
    assert refused.value.place == 2
    assert {one.decision for one in story.consent(consent_id).signatures} == {"awaited"}
    no = Answer(cards[2].id, "declined", DAY)
    assert consenting.register_answers(story.karin, story.case_id, consent_id, [*answers[:2], no]) == "declined", "a no counts at any age"
    with clock.at(date(YEAR, 4, 15)):
        signed = [*answers[:2], Answer(cards[2].id, "given", date(YEAR, 4, 15), "paper")]
        assert consenting.register_answers(story.karin, story.case_id, consent_id, signed) == "active"


def test_custody_that_changes_marks_the_consent_with_who_and_why_and_closes_nothing(story: Story) -> None:  # noqa: F811
    consent_id = story.active()
    per = next(one for one in consenting.read_consent(story.karin, story.case_id).people.custodians if one.name == "Per Lind")
    cases.end_related(story.karin, story.case_id, per.id)
    new = cases.add_related(story.karin, story.case_id, NewRelated("Eva Lind"))
    page = consenting.read_consent(story.karin, story.case_id)
    assert [(one.reason, one.person_id) for one in page.renewals(consent_id)] == [("new_custodian", new), ("custodian_ended", per.id)]
    assert story.consent(consent_id).state == "active"
    assert story.text_for("lena") == "Mamma har bytt jobb."
    renewal = story.ask(renews_id=consent_id)
    assert consenting.read_consent(story.karin, story.case_id).outlook.renewing.id == renewal
    assert story.answer(renewal, "given", "given") == "active"
    assert consenting.read_consent(story.karin, story.case_id).renewals(renewal) == ()


def test_a_parent_who_becomes_one_without_custody_is_no_longer_asked(story: Story) -> None:  # noqa: F811
    consent_id = story.active()
    per = next(one for one in consenting.read_consent(story.karin, story.case_id).people.custodians if one.name == "Per Lind")
    cases.change_related(story.karin, story.case_id, per.id, NewRelated("Per Lind", role="parent"))
    page = consenting.read_consent(story.karin, story.case_id)
    assert [one.reason for one in page.renewals(consent_id)] == ["custodian_ended"]
    assert [one.person_id for one in page.must_sign] == [one.id for one in page.people.custodians if one.name == "Mona Lind"]


def test_a_question_put_to_somebody_who_lost_custody_is_marked_while_it_waits(story: Story) -> None:  # noqa: F811
    consent_id = story.ask()
    per = consenting.read_consent(story.karin, story.case_id).people.custodians[1]
    cases.end_related(story.karin, story.case_id, per.id)
    page = consenting.read_consent(story.karin, story.case_id)
    assert [one.reason for one in page.renewals(consent_id)] == ["custodian_ended"]


def test_where_one_custodian_is_enough_one_who_cannot_be_reached_opens_nothing(story: Story, admin: Actor) -> None:  # noqa: F811
    use(admin, "one_custodian")
    consent_id = story.ask()
    assert story.answer(consent_id, "waived", "awaited") == "pending"
    assert story.answer(consent_id, "waived", "given") == "active"


def test_the_municipalitys_own_rule_is_chosen_like_the_built_in_ones(municipality: Municipality, admin: Actor) -> None:
    assert municipality.rule_set in {history.newest.set_id for history in read_rule_sets(admin)}
    use(admin, municipality.rule_set, "sig_child")
    assert read_rule_set(admin, municipality.rule_set).used_for == ("sig_child",)
