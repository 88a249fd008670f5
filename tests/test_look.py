"""Every component renders, holds to the content policy, and can be read: by a screen reader, in the light and in the dark."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import html5lib
import pytest
from flask import Flask, flash, render_template_string
from flask_babel import Babel
from flask_bootstrap import Bootstrap5
from flask_wtf import CSRFProtect
from jinja2 import StrictUndefined
from werkzeug.datastructures import MultiDict

from caseapp import codelists, fields, formats

ROOT = Path(__file__).parents[1] / "caseapp"
TEMPLATES = ROOT / "templates"
COMPONENTS = sorted(path.name for path in (TEMPLATES / "components").glob("*.html"))

PAGE = """
{% extends "base.html" %}
{% import "components/forms.html" as forms %}
{% import "components/layout.html" as layout %}
{% import "components/notices.html" as notices %}
{% import "components/navigation.html" as navigation %}
{% import "components/case.html" as case %}
{% import "components/status.html" as status %}
{% import "components/charts.html" as charts %}
{% import "components/tables.html" as tables %}
{% block title %}Prov{% endblock %}
{% block case_bar %}
{{ case.bar(number="2026-0041", url="#", initials="A.L.", form="SSPF", age=15, consent="Samtycke gäller till 3 mars", consent_tone="good") }}
{{ case.tabs([("#", "Översikt", true), ("#", "Plan", false)]) }}
{% endblock %}
{% block before %}{{ navigation.back("#", "Alla") }}{% endblock %}
{% block content %}
{% call forms.form(asked, action="/notes", cancel="#", also=[("draft", "1", "Utkast")]) %}
{% for one in asked if one.kind is defined %}{{ forms.field(one) }}{% endfor %}
{% endcall %}
{{ forms.matrix([levels.school, levels.peers], "Behov", "Välj.") }}
{{ forms.post_button("/x", "Nästa", symbol="arrow", shortcut="n", fields=[("step", "2")]) }}
{{ forms.echo("/notes", [("text", "rad\\nrad"), ("short", "x"), ("password", "hemligt"), ("version", "3")], replace={"version": 4}) }}
<ul class="tasks">{{ layout.task("#", "Samtycke går ut", "2026-0041", "Förnya", tone="late") }}</ul>
{% call layout.grid() %}{% call layout.card("Kort", link="#", link_label="Ändra") %}{{ layout.summary([("Född", "3 mars", ("#", "Ändra")), ("Kön", none)]) }}{% endcall %}{% endcall %}
{{ layout.timeline([{"when": "igår", "title": "Sparat", "by": "K.L."}]) }}
{% call layout.details("Mer") %}x{% endcall %}
{{ layout.actions([("#", "Ny", "plus")]) }}{{ layout.print_button() }}
{{ notices.withheld("Skolan", way="Be om utlämnande", url="#") }}{{ notices.unreadable() }}{{ notices.value(none) }}
{% call notices.banner("warning", "Fyller 15 år") %}<p>x</p>{% endcall %}
{{ notices.empty("Inga mål", "Börja här", label="Lägg till", url="#") }}
{% for kind in ("CommitmentStatus", "CaseStatus", "ConsentStatus", "RiskLevel", "NeedLevel") %}{% for code in codes(kind) %}
{{ {"CommitmentStatus": status.commitment, "CaseStatus": status.case, "ConsentStatus": status.consent, "RiskLevel": status.risk, "NeedLevel": status.level}[kind](code) }}
{% endfor %}{% endfor %}
{{ navigation.pages(2, 3, "#", "#") }}
{{ charts.change("Behov", [("Skola", "3", "1"), ("Fritid", "1", "2"), ("Hem", "2", "2"), ("Droger", "9", none)]) }}
{{ charts.bars("Orsak", [("Mål", 12), ("Flytt", "X")], "Personer") }}
{% call tables.table("Lista", ["Ärende", ("Antal", "number")]) %}<tr><th scope="row">A</th>{{ tables.number(3) }}</tr>{% endcall %}
{% endblock %}
"""  # noqa: E501 - a page, not a program


class AskForm(fields.Form):
    text = fields.TextField("Rubrik", needed="Skriv en rubrik.", hint="Kort.")
    more = fields.TextArea("Anteckning")
    day = fields.DateField("Dag", hint="3/3")
    sex = fields.CodeField("Kön", "Sex", needed=True)
    source = fields.CodeField("Källa", "ReferralSource", look="select")
    level = fields.CodeField("Nivå", "NeedLevel", look="segments")
    concerns = fields.CodesField("Oro", "Concern", hint="Flera går bra.")
    agreed = fields.YesField("Läst", needed=True)
    secret = fields.SecretField("Lösenord", needed=True)
    who = fields.ChoiceField("Vem", [["a", "Anna", "Skolan"], ["b", "Bo"]])
    carried = fields.HiddenField(default="7")


class LevelsForm(fields.Form):
    school = fields.CodeField("Skola", "NeedLevel", needed=True)
    peers = fields.CodeField("Umgänge", "NeedLevel")


@pytest.fixture(scope="module")
def app() -> Iterator[Flask]:
    app = Flask("caseapp", root_path=str(ROOT))
    app.config.update(SECRET_KEY="test", BOOTSTRAP_SERVE_LOCAL=True)
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.filters.update(formats.page_filters(fields.language) | {"reason": str})
    app.jinja_env.globals.update(codes=codelists.codelist, text_changes=formats.changes, draft_here=lambda: None)
    Babel(app, default_locale="sv")
    Bootstrap5(app)
    CSRFProtect(app)
    return app


FRAME = {
    "lang": "sv",
    "languages": [("sv", "Svenska"), ("en", "English")],
    "nav": [("/", "Min dag", "day", True)],
    "me": {"name": "Karin Lind", "role": "Samordnare", "initials": "K.L.", "links": [("/account", "Konto")]},
    "urls": {name: f"/{name}" for name in ("search", "sign_in", "sign_out", "language", "accessibility", "epoch", "here")},
    "epoch": "1",
}


def page(app: Flask, wrong: bool = True, source: str = PAGE, **values: object) -> str:
    with app.test_request_context():
        posted = MultiDict({"day": "31/2", "text": "\u202e<b>hej</b>"}) if wrong else None
        asked, levels = AskForm(formdata=posted, meta={"csrf": False}), LevelsForm(formdata=posted, meta={"csrf": False})
        if wrong:
            asked.validate()
            levels.validate()
        flash({"text": "Sparat.", "undo": "/undo"}, "success")
        return render_template_string(source, asked=asked, levels=levels, **(FRAME | values))


def elements(text: str) -> list[object]:
    return list(html5lib.parse(text, treebuilder="etree", namespaceHTMLElements=False).iter())


@pytest.mark.parametrize("wrong", [True, False])
def test_every_component_renders_and_ids_are_unique(app: Flask, wrong: bool) -> None:
    ids = Counter(one.get("id") for one in elements(page(app, wrong)) if one.get("id"))
    assert [name for name, count in ids.items() if count > 1] == []


def test_every_field_has_a_label_and_what_describes_it_exists(app: Flask) -> None:
    tree = elements(page(app))
    ids = {one.get("id") for one in tree}
    labelled = {one.get("for") for one in tree if one.tag == "label"}
    asked = [one for one in tree if one.tag in ("input", "textarea", "select") and one.get("type") != "hidden"]
    assert len(asked) > 30
    for one in asked:
        assert one.get("id") in labelled
    for one in tree:
        for described in (one.get("aria-describedby") or "").split():
            assert described in ids


def test_the_error_summary_links_lead_to_fields(app: Flask) -> None:
    text = page(app)
    tree = elements(text)
    ids = {one.get("id"): one.tag for one in tree}
    links = re.findall(r'<li><a href="#([^"]+)">', text)
    assert links == ["text", "day", "sex-0", "agreed", "secret"]
    assert {ids[one] for one in links} == {"input"}


def test_nothing_is_written_that_the_content_policy_refuses(app: Flask) -> None:
    for one in elements(page(app)):
        assert one.tag != "style"
        assert one.tag != "script" or (one.get("src") and not (one.text or "").strip())
        for name, value in one.attrib.items():
            assert name != "style"
            assert not name.startswith("on")
            assert not value.startswith(("javascript:", "http:", "https:", "//"))


def test_typed_text_is_text_and_secrets_do_not_come_back(app: Flask) -> None:
    text = page(app)
    assert "&lt;b&gt;hej&lt;/b&gt;" in text
    assert "<b>hej</b>" not in text
    assert "hemligt" not in text
    assert "\u202e" not in text


def test_no_submit_button_is_ever_disabled(app: Flask) -> None:
    assert not [one for one in elements(page(app)) if one.tag in ("button", "input") and "disabled" in one.attrib]


def test_the_title_is_the_heading(app: Flask) -> None:
    tree = elements(page(app))
    [title] = [one.text for one in tree if one.tag == "title"]
    [heading] = [one.text for one in tree if one.tag == "h1"]
    assert title.strip() == f"{heading} – caseapp"


def test_the_frame_stands_without_anybody_signed_in(app: Flask) -> None:
    with app.test_request_context():
        text = render_template_string('{% extends "base.html" %}{% block title %}Logga in{% endblock %}')
    assert "<h1>Logga in</h1>" in text
    assert "Logga ut" not in text


STORED = {"version": 5, "rows": [("text", "Mål", "85 %")], "by": "Omar", "at": datetime(2026, 11, 22, 9, 12, tzinfo=UTC)}


@pytest.mark.parametrize("name", sorted(path.stem for path in (TEMPLATES / "errors").glob("*.html") if path.stem != "page"))
@pytest.mark.parametrize("typed", [[], [("text", "En lång text som någon har skrivit en hel kväll."), ("version", "4")]])
@pytest.mark.parametrize("current", [None, STORED])
def test_error_pages_keep_what_was_typed(app: Flask, name: str, typed: list[tuple[str, str]], current: object) -> None:
    values = {"typed": typed, "action": "/notes", "why": "token", "reason": "Därför", "current": current}
    with app.test_request_context():
        text = app.jinja_env.get_template(f"errors/{name}.html").render(
            app.jinja_env.globals | {"url_for": lambda *_, **__: "/static"} | FRAME | values
        )
    assert "<h1>" in text
    keeps = name in ("403", "404", "409", "429", "500", "503", "typed_text")
    assert ("hel kväll" in text) is (keeps and bool(typed))
    if name == "409" and current and typed:
        assert 'name="version" value="5"' in text
        assert 'name="version" value="4"' not in text


@pytest.mark.parametrize("name", COMPONENTS)
def test_every_component_file_begins_with_how_to_use_it(name: str) -> None:
    text = (TEMPLATES / "components" / name).read_text()
    assert text.startswith("{#")
    assert f"components/{name}" in text.split("#}")[0]


def test_every_icon_that_is_asked_for_is_drawn() -> None:
    drawn = set(re.findall(r"^  '(\w+)': '<path", (TEMPLATES / "components/icons.html").read_text(), re.M))
    asked = {
        name
        for path in ROOT.glob("**/*.html")
        for name in re.findall(r'icon\("(\w+)"|symbol="(\w+)"', path.read_text())
        for name in name
        if name
    }
    assert len(asked) > 15
    assert asked - drawn == set()


def _colours() -> dict[str, dict[str, str]]:
    text = (ROOT / "static/app.css").read_text()
    light, dark = (dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", part)) for part in text.split("prefers-color-scheme: dark", 1))
    return {"light": light, "dark": light | dark}


def _luminance(colour: str) -> float:
    """Relative luminance, WCAG 2.1."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


TEXT_ON = [
    *[(ink, ground) for ink in ("ink", "ink-soft", "accent-ink", "danger", "off") for ground in ("ground", "surface", "surface-2")],
    *[(tone, f"{tone}-soft") for tone in ("good", "busy", "late", "danger", "off")],
    *[("ink", f"{tone}-soft") for tone in ("good", "busy", "late", "danger", "accent")],
    ("on-accent", "accent"), ("top-ink", "top"), ("top-soft", "top"), ("top-soft", "top-field"), ("top-ink", "top-field"),
    ("good", "surface"), ("late", "surface"), ("busy", "surface"),
]  # fmt: skip


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("ink", "ground"), TEXT_ON)
def test_text_can_be_read_in_both_themes(theme: str, ink: str, ground: str) -> None:
    colours = _colours()[theme]
    lighter, darker = sorted((_luminance(colours[ink]), _luminance(colours[ground])), reverse=True)
    assert (lighter + 0.05) / (darker + 0.05) >= 4.5


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(
    ("edge", "ground"), [("line-strong", "ground"), ("line-strong", "surface"), ("focus", "ground"), ("focus", "surface")]
)
def test_edges_of_fields_and_focus_can_be_seen_in_both_themes(theme: str, edge: str, ground: str) -> None:
    colours = _colours()[theme]
    lighter, darker = sorted((_luminance(colours[edge]), _luminance(colours[ground])), reverse=True)
    assert (lighter + 0.05) / (darker + 0.05) >= 3
