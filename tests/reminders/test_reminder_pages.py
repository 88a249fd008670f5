"""The page where somebody chooses: what is asked for, kept and refused."""

import contextvars
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from flask import Flask

from caseapp.access import Actor, StaleForm
from caseapp.reminders import actions
from tests.pages import PageClient

Browsers = Callable[[str], PageClient]
HERE = "/account/reminders"


def test_a_choice_is_kept_and_shown_again(app: Flask, signed_in: Browsers, actor: Callable[[str], Actor]) -> None:
    lena = signed_in("lena")
    assert "sparade" in lena.submit({"days": "mondays", "email": "lena@skolan.example"}, on=HERE).get_data(as_text=True)
    chosen = actions.read_choice(actor("lena"))
    assert (chosen.days, chosen.email) == ("mondays", "lena@skolan.example")
    assert 'value="lena@skolan.example"' in lena.get(HERE).get_data(as_text=True)


def test_without_an_address_no_letters_can_be_wanted(app: Flask, signed_in: Browsers, actor: Callable[[str], Actor]) -> None:
    lena = signed_in("lena")
    for email, sentence in (("", "Skriv den e-postadress"), ("lena", "Skriv hela e-postadressen")):
        answer = lena.submit({"days": "workdays", "email": email}, on=HERE)
        assert answer.status_code == 422
        assert sentence in answer.get_data(as_text=True)
        assert f'value="{email}"' in answer.get_data(as_text=True) or not email
    assert actions.read_choice(actor("lena")).version is None
    assert lena.submit({"days": "never", "email": ""}, on=HERE).status_code == 200


def test_a_form_from_before_another_choice_overwrites_nothing(app: Flask, signed_in: Browsers, actor: Callable[[str], Actor]) -> None:
    lena = signed_in("lena")
    lena.get(HERE)
    actions.choose(actor("lena"), email="annan@skolan.example", days="mondays")
    answer = lena.submit({"days": "workdays", "email": "lena@skolan.example"})
    assert answer.status_code == 409
    assert actions.read_choice(actor("lena")).email == "annan@skolan.example"


def test_two_first_choices_at_once_make_one_row_and_ask_one_of_them_to_look_again(
    app: Flask, actor: Callable[[str], Actor], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two pages, so two keys: neither knows of the other. On SQLite one waits for the other from the start."""
    both_looked, find = Barrier(2), actions._row_of

    def look(user_id: str) -> object:
        row = find(user_id)
        if app.extensions["caseapp.database"].engine.dialect.name != "sqlite":
            both_looked.wait(timeout=10)
        return row

    def choose(days: str) -> str:
        try:
            actions.choose(actor("lena"), email="lena@skolan.example", days=days)
        except StaleForm:
            return "stale"
        return days

    monkeypatch.setattr(actions, "_row_of", look)
    contexts = [(contextvars.copy_context(), days) for days in ("mondays", "workdays")]
    with ThreadPoolExecutor(2) as pool:
        ended = list(pool.map(lambda each: each[0].run(choose, each[1]), contexts))
    monkeypatch.undo()
    assert sorted(word == "stale" for word in ended) == [False, True], ended
    assert actions.read_choice(actor("lena")).days in ended
