"""A question goes to the person whose reading it was, the answer comes back, somebody else closes it; on both databases."""

from datetime import time

import pytest

from caseapp.access import AlreadyDone, NotFound, Refused, StaleForm
from caseapp.day.actions import my_day
from caseapp.review import actions
from caseapp.review.selecting import make_list
from tests.review.conftest import Past, give_role


@pytest.fixture
def item_id(past: Past) -> str:
    """A reading of lena's on a working day, chosen by lot."""
    case_id = past.case()
    past.read("lena", case_id)
    past.select()
    (item,) = past.items()
    return item.id


def test_a_question_is_asked_answered_and_closed(past: Past, item_id: str) -> None:
    greta, lena = past.actor("greta"), past.actor("lena")
    question = actions.ask(greta, item_id, question="Vad behövde du ärendet till?")
    assert [item.state for item in past.items(view="asked")] == ["asked"]
    (waiting,) = my_day(lena).questions
    assert waiting.question_id == question
    actions.answer(lena, question, answer="Jag skulle på mötet.")
    assert my_day(lena).questions == ()
    page = actions.read_item(greta, item_id)
    assert page.item.state == "answered"
    assert [(one.asked_by, one.question, one.answer) for one in page.questions] == [
        ("Greta Åhs", "Vad behövde du ärendet till?", "Jag skulle på mötet.")
    ]
    actions.close(greta, item_id, assessment="question_answered")
    (closed,) = past.items(view="closed")
    assert (closed.state, closed.assessment, closed.closed_by) == ("closed", "question_answered", "Greta Åhs")
    assert past.items() == ()


def test_nobody_answers_somebody_elses_question(past: Past, item_id: str) -> None:
    question = actions.ask(past.actor("greta"), item_id, question="Varför?")
    for login in ("samir", "greta", "ulla", "admin"):
        with pytest.raises(NotFound):
            actions.answer(past.actor(login), question, answer="Jag vet inte.")
        with pytest.raises(NotFound):
            actions.read_question(past.actor(login), question)
    assert actions.read_question(past.actor("lena"), question).is_open


@pytest.mark.parametrize("login", ["karin", "lena", "ulla", "stellan", "admin"])
def test_only_a_reviewer_sees_and_handles_the_queue(past: Past, item_id: str, login: str) -> None:
    who = past.actor(login)
    for act in (
        lambda: actions.read_queue(who),
        lambda: actions.read_item(who, item_id),
        lambda: actions.ask(who, item_id, question="Varför?"),
        lambda: actions.close(who, item_id, assessment="no_remark"),
    ):
        with pytest.raises(Refused, match="not_permitted"):
            act()


def test_a_reviewer_neither_sees_nor_closes_her_own_reading_and_another_one_does(past: Past) -> None:
    case_id = past.case()
    past.read("lena", case_id)
    lena = give_role(past, "lena", "log_reviewer")
    past.select()
    (item,) = past.items()
    assert item.who == "Lena Brodin"
    queue = actions.read_queue(lena)
    assert (queue.items, queue.own, queue.is_alone) == ((), 1, False)
    for act in (
        lambda: actions.read_item(lena, item.id),
        lambda: actions.ask(lena, item.id, question="Varför?"),
        lambda: actions.close(lena, item.id, assessment="no_remark"),
    ):
        with pytest.raises(Refused, match="own_reading"):
            act()
    actions.close(past.actor("greta"), item.id, assessment="no_remark")
    assert actions.read_queue(lena).own == 0


def test_the_only_reviewer_is_told_that_nobody_can_review_her(past: Past) -> None:
    past.read("lena", past.case())
    give_role(past, "greta")
    lena = give_role(past, "lena", "log_reviewer")
    assert make_list(lena, past.month).reviewers == 1
    queue = actions.read_queue(lena)
    assert (queue.own, queue.is_alone) == (1, True)


def test_it_is_not_closed_without_an_assessment_that_fits(past: Past, item_id: str) -> None:
    greta = past.actor("greta")
    with pytest.raises(Refused, match="nothing_answered"):
        actions.close(greta, item_id, assessment="question_answered")
    for assessment in ("remark", "incident"):
        with pytest.raises(Refused, match="words_needed"):
            actions.close(greta, item_id, assessment=assessment, words="  ")
    with pytest.raises(Refused, match="no_assessment"):
        actions.close(greta, item_id, assessment="")
    actions.ask(greta, item_id, question="Varför?")
    with pytest.raises(Refused, match="words_needed"):
        actions.close(greta, item_id, assessment="no_remark")
    actions.close(greta, item_id, assessment="no_remark", words="Lena har slutat.")
    for act in (
        lambda: actions.close(greta, item_id, assessment="no_remark"),
        lambda: actions.ask(greta, item_id, question="En till?"),
    ):
        with pytest.raises(Refused, match="review_closed"):
            act()


def test_one_question_waits_at_a_time_and_after_the_answer_more_can_be_asked(past: Past, item_id: str) -> None:
    greta, lena = past.actor("greta"), past.actor("lena")
    first = actions.ask(greta, item_id, question="Varför?")
    with pytest.raises(Refused, match="question_waits"):
        actions.ask(greta, item_id, question="Och varför då?")
    actions.answer(lena, first, answer="Mötet.")
    with pytest.raises(Refused, match="answered_already"):
        actions.answer(lena, first, answer="Nej, planen.")
    second = actions.ask(greta, item_id, question="Vilket möte?")
    actions.answer(lena, second, answer="Nätverksmötet.")
    assert [one.answer for one in actions.read_item(greta, item_id).questions] == ["Mötet.", "Nätverksmötet."]


def test_a_question_of_a_closed_review_needs_no_answer(past: Past, item_id: str) -> None:
    greta, lena = past.actor("greta"), past.actor("lena")
    question = actions.ask(greta, item_id, question="Varför?")
    actions.close(greta, item_id, assessment="no_remark", words="Det framgår av mötets protokoll.")
    assert my_day(lena).questions == ()
    assert not actions.read_question(lena, question).is_open
    with pytest.raises(Refused, match="review_closed"):
        actions.answer(lena, question, answer="Mötet.")


def test_the_same_form_twice_asks_answers_and_closes_once(past: Past, item_id: str) -> None:
    greta, lena = past.actor("greta"), past.actor("lena")
    question = actions.ask(greta, item_id, question="Varför?", once="a" * 64)
    with pytest.raises(AlreadyDone) as twice:
        actions.ask(greta, item_id, question="Varför?", once="a" * 64)
    assert twice.value.result == f"/review/items/{item_id}"
    actions.answer(lena, question, answer="Mötet.", once="b" * 64)
    with pytest.raises(AlreadyDone):
        actions.answer(lena, question, answer="Mötet.", once="b" * 64)
    actions.close(greta, item_id, assessment="no_remark", once="c" * 64)
    with pytest.raises(AlreadyDone):
        actions.close(greta, item_id, assessment="no_remark", once="c" * 64)
    assert len(actions.read_item(greta, item_id).questions) == 1


def test_an_answer_that_came_meanwhile_is_seen_before_it_is_closed(past: Past, item_id: str) -> None:
    greta = past.actor("greta")
    question = actions.ask(greta, item_id, question="Varför?")
    seen = actions.read_item(greta, item_id).item.version
    actions.answer(past.actor("lena"), question, answer="Mötet.")
    with pytest.raises(StaleForm):
        actions.close(greta, item_id, assessment="remark", words="Svarar inte.", version=seen)


def test_a_late_hour_is_told_with_its_time(past: Past) -> None:
    case_id = past.case()
    past.read("pontus", case_id, at=time(22, 15))
    past.select()
    (item,) = past.items()
    assert item.first is not None
    assert (item.outside, item.first.hour in (20, 21)) == (1, True)  # UTC: one or two hours behind Sweden
