"""Forms answer with values or with sentences, whatever is posted."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, time
from typing import Any

import pytest
from flask import Flask
from flask_babel import Babel
from flask_babel import lazy_gettext as _l
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.datastructures import FileStorage, MultiDict

from caseapp import fields
from caseapp.formats import clock

SUNDAY = date(2026, 11, 22)


class NoteForm(fields.Form):
    title = fields.TextField(_l("Rubrik"), needed=_l("Skriv en rubrik."), max_length=20)
    text = fields.TextArea(_l("Anteckning"), max_length=50)
    happened = fields.DateField(_l("Hände"), lean="past", latest=clock.today)
    until = fields.DateField(_l("Till"), validators=[fields.not_before("happened", _l("Slutet ligger före början."))])
    number = fields.PersonalNumberField(_l("Personnummer"))
    level = fields.CodeField(_l("Nivå"), "NeedLevel", needed=_l("Välj en nivå."))
    domains = fields.CodesField(_l("Områden"), "Responsivity", exclusive="none")
    hour = fields.HourField(_l("Klockan"))
    share = fields.WholeNumberField(_l("Närvaro"), largest=100)
    person = fields.ChoiceField(_l("Vem"), [["a", "Anna"], ["b", "Bo", "handledare"]])
    mail = fields.EmailField(_l("E-post"))
    secret = fields.SecretField(_l("Lösenord"))
    code = fields.OneTimeCodeField(_l("Kod"))
    agreed = fields.YesField(_l("Jag har läst"))


@pytest.fixture(scope="module")
def page() -> Iterator[Flask]:
    app = Flask(__name__)
    app.config.update(SECRET_KEY="test", WTF_CSRF_ENABLED=False, BABEL_DEFAULT_LOCALE="sv")
    Babel(app)
    with app.test_request_context(), clock.at(SUNDAY):
        yield app


def posted(**answers: Any) -> NoteForm:
    form = NoteForm(formdata=MultiDict({"title": "Samtal", "level": "2"} | answers))
    form.validate()
    return form


def sentences(form: NoteForm, name: str) -> list[str]:
    return [str(sentence) for sentence in form[name].errors]


def test_a_well_filled_form_becomes_values(page: Flask) -> None:
    form = posted(
        title="  Samtal   med\tmamma ", text="rad ett  \r\nrad två\r\n", happened="i går", until="27/11", number="201204159808",
        hour="13.30", share="80", person="b", domains=["npf", "language", "npf"], mail="a@b.se", code="123 456", agreed="1",
        secret="  inte trimmat ",
    )  # fmt: skip
    assert form.errors == {}
    assert form.title.data == "Samtal med mamma"
    assert form.text.data == "rad ett\nrad två"
    assert (form.happened.data, form.until.data) == (date(2026, 11, 21), date(2026, 11, 27))
    assert form.number.data.canonical == "201204159808"
    assert form.hour.data == time(13, 30)
    assert (form.share.data, form.person.data, form.domains.data) == (80, "b", ["npf", "language"])
    assert (form.code.data, form.agreed.data, form.secret.data) == ("123456", True, "  inte trimmat ")


def test_what_is_not_answered_is_none_and_only_the_needed_is_asked_for(page: Flask) -> None:
    form = NoteForm(formdata=MultiDict({"title": " ", "text": ""}))
    assert not form.validate()
    assert set(form.errors) == {"title", "level"}
    assert sentences(form, "title") == ["Skriv en rubrik."]
    assert form.text.data is None
    assert form.domains.data == []
    assert form.agreed.data is False


@pytest.mark.parametrize(
    ("name", "typed", "says"),
    [
        ("title", "x" * 21, "Texten är 21 tecken. Korta den till högst 20 tecken."),
        ("title", "a\x00b", "tecken som inte går att spara"),
        ("title", "a\ud800b", "tecken som inte går att spara"),
        ("title", "abc\u202efdp.exe", "ändrar läsriktningen"),
        ("text", "x" * 1_000_000, "1\u00a0000\u00a0000 tecken"),
        ("happened", "31/2", "finns inte"),
        ("happened", "imorgon", "ligger i framtiden"),
        ("happened", "snart", "Skriv datumet som"),
        ("happened", "0001-01-01", "mellan 1900 och 2200"),
        ("number", "20120415-9809", "Kontrollsiffran stämmer inte"),
        ("number", "20120230-9800", "inte med ett datum som finns"),
        ("number", "hej", "10 eller 12 siffror"),
        ("level", "12", "Välj ett av alternativen"),
        ("person", "c", "Välj ett av alternativen"),
        ("domains", ["none", "npf"], "Välj antingen ”Inga särskilda hinder”"),
        ("domains", ["npf", "okänt"], "Välj ett av alternativen"),
        ("hour", "25", "Skriv klockslaget som 13.00."),
        ("share", "101", "mellan 0 och 100"),
        ("share", "9" * 5000, "Texten är"),
        ("share", "1e3", "mellan 0 och 100"),
        ("mail", "anna", "hela e-postadressen"),
        ("code", "12345", "sex siffror"),
        ("secret", "x" * 129, "högst 128 tecken"),
        ("secret", "\ud800", "inte går att använda"),
    ],
)
def test_each_mistake_gets_a_sentence_that_says_what_to_do(page: Flask, name: str, typed: Any, says: str) -> None:
    form = posted(**{name: typed})
    [sentence] = sentences(form, name)
    assert says in sentence
    assert set(form.errors) == {name}


def test_an_end_before_the_start_is_refused(page: Flask) -> None:
    form = posted(happened="2026-11-20", until="2026-11-19")
    assert sentences(form, "until") == ["Slutet ligger före början."]


def test_typed_text_is_kept_and_invisible_characters_are_gone_from_it(page: Flask) -> None:
    form = posted(title="abc\u202efdp", text="x" * 51, happened="31/2")
    assert form.title.typed == "abcfdp"
    assert form.text.typed == "x" * 51
    assert form.happened.typed == "31/2"
    assert form.title.data is None


def test_secrets_are_never_shown_again(page: Flask) -> None:
    form = posted(secret="hemligt lösenord", code="123456")
    assert form.secret.typed == ""
    assert form.code.typed == ""


def test_letters_are_stored_composed(page: Flask) -> None:
    assert posted(title="A\u030asa").title.data == "Åsa"


def test_emoji_and_other_scripts_are_welcome(page: Flask) -> None:
    form = posted(title="Läget 👩‍👧 علي")
    assert form.errors == {}
    assert form.title.data == "Läget 👩‍👧 علي"


def test_the_form_begins_with_the_values_of_a_record(page: Flask) -> None:
    form = NoteForm(formdata=None, data={"happened": SUNDAY, "hour": time(9), "level": "3", "domains": ["npf"], "version": 4})
    assert (form.happened.typed, form.hour.typed, form.version.typed) == ("2026-11-22", "09.00", "4")
    assert [option.value for option in form.level.options() if option.checked] == ["3"]
    assert [option.value for option in form.domains.options() if option.checked] == ["npf"]


def test_a_double_click_has_one_key_and_other_answers_another(page: Flask) -> None:
    token = NoteForm(formdata=None).once.typed
    first, again, changed = (posted(once=token, text=text).once_key() for text in ("ett", "ett", "två"))
    assert first == again != changed
    assert posted(text="ett").once_key() != posted(text="ett").once_key()


@pytest.mark.parametrize(("sent", "seen"), [("4", 4), ("", None), ("-1", 0), ("9" * 400, 0), ("٣", 0)])
def test_the_version_is_a_number_or_that_of_no_record(page: Flask, sent: str, seen: int | None) -> None:
    assert posted(version=sent).version.data == seen


@pytest.mark.parametrize("sent", [{}, {"version": ""}, {"version": "x"}])
def test_a_form_that_lost_the_version_of_its_record_is_never_the_newest(page: Flask, sent: dict[str, str]) -> None:
    form = NoteForm(formdata=MultiDict({"title": "Samtal", **sent}), data={"version": 4})
    assert (form.version.data, form.version.typed) == (0, "0")


def test_the_error_summary_leads_to_the_fields_in_the_order_of_the_page(page: Flask) -> None:
    form = NoteForm(formdata=MultiDict({"happened": "31/2"}))
    form.validate()
    assert [anchor for anchor, _ in form.problems()] == ["title", "happened", "level-0"]


def test_code_lists_speak_the_language_of_the_page() -> None:
    app = Flask(__name__)
    app.config.update(SECRET_KEY="test", WTF_CSRF_ENABLED=False)
    Babel(app, locale_selector=lambda: "en")
    with app.test_request_context():
        assert [str(option.label) for option in NoteForm().level.options()][:2] == ["None", "Some"]


ODD = st.text(max_size=80) | st.sampled_from(
    [
        "\x00",
        "\ud800",
        "\u202e",
        "9" * 4000,
        "x" * 60_000,
        "2026-02-30",
        "0",
        "none",
        "[]",
        "%s",
        "%(limit)s",
        "{{7*7}}",
        "\r\n\r",
        "−1",
    ]
)


NAMES = [
    "title", "text", "happened", "until", "number", "level", "domains", "hour", "share", "person", "mail", "secret", "code",
    "agreed", "once", "version",
]  # fmt: skip


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(st.sampled_from(NAMES), st.lists(ODD, min_size=1, max_size=3)))
def test_nothing_that_can_be_posted_makes_a_form_raise(page: Flask, answers: dict[str, list[str]]) -> None:
    form = NoteForm(formdata=MultiDict((name, value) for name, values in answers.items() for value in values))
    fine = form.validate()
    assert fine is (not form.problems())
    for field in form:
        shown = getattr(field, "typed", "")
        shown.encode()  # what goes back on the page can be written
        assert "\x00" not in shown
    form.once_key()


def test_a_file_sent_in_place_of_a_text_is_no_answer(page: Flask) -> None:
    form = NoteForm(
        formdata=MultiDict({name: FileStorage(filename="x") for name in ("title", "text", "level", "secret", "once")})
    )
    assert not form.validate()
    assert set(form.errors) == {"title", "level"}
