"""The checker of pages finds each thing that it promises to find; otherwise every test that fetches a page proves less than it says."""

import pytest

from tests.pages import Page, form_values, problems

GOOD = """<!doctype html>
<html lang="sv"><head><meta charset="utf-8"><title>Ärenden – caseapp</title><link rel="stylesheet" href="/static/app.css"></head>
<body><a href="#content">Hoppa till innehållet</a><main id="content"><h1>Ärenden</h1>
<form method="post" action="/cases/search"><input type="hidden" name="csrf_token" value="t">
<label for="words">Namn</label><input id="words" name="words" aria-describedby="hint"><p id="hint">Minst två tecken</p>
<button>Sök</button></form></main></body></html>"""

FAULTS = {
    "a tag never closed": (("<main ", "<b><main "), "not valid HTML"),
    "an attribute given twice": (('name="words"', 'name="words" name="other"'), "not valid HTML"),
    "no language": ((' lang="sv"', ""), "<html lang>"),
    "a title that is not the heading": (("<title>Ärenden", "<title>Välkommen"), "does not begin with the heading"),
    "two headings": (("<h1>", "<h1>Ett</h1><h1>"), "exactly one h1"),
    "a heading level left out": (("</h1>", "</h1><h3>Nya</h3>"), "jumps from h1 to h3"),
    "an id used twice": (('<p id="hint">', '<p id="words">'), "used 2 times"),
    "a description that is not there": (('<p id="hint">', "<p>"), "'hint' leads nowhere"),
    "a skip link to nothing": ((' id="content"', ""), "'#content' leads nowhere"),
    "a field without label": (('<label for="words">Namn</label>', ""), "has no label"),
    "a label without words": ((">Namn<", "><"), "has no label"),
    "a button without words": ((">Sök<", "><"), "has no words"),
    "an inline style": (('<p id="hint"', '<p style="color:red" id="hint"'), "inline style="),
    "an inline handler": (("<button>", '<button onclick="x()">'), "inline onclick="),
    "an inline script": (("</main>", "<script>x()</script></main>"), "inline <script>"),
    "a style sheet of its own": (("</head>", "<style>p{}</style></head>"), "inline <style>"),
    "an image from elsewhere": (("</main>", '<img alt="" src="https://elsewhere.test/x.png"></main>'), "leaves the origin"),
    "an address without scheme": (("</main>", '<img alt="" src="//elsewhere.test/x.png"></main>'), "leaves the origin"),
    "a script address": (('href="#content"', 'href="javascript:x()"'), "leaves the origin"),
    "an image without text": (("</main>", '<img src="/static/x.png"></main>'), "no alt"),
    "a form without token": (('value="t"', 'value=""'), "no token"),
    "a form that puts what is typed in the address": (('method="post"', 'method="get"'), "stand in the address"),
    "a template's own words": (("Minst två", "{{ count }}"), "program text"),
    "an object shown as itself": (("Minst två", "&lt;Note object at 0x7f&gt;"), "program text"),
}


def test_a_good_page_has_no_problems() -> None:
    assert problems(Page(GOOD)) == []


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_found(fault: str) -> None:
    (there, instead), sentence = FAULTS[fault]
    assert GOOD.count(there) == 1
    found = problems(Page(GOOD.replace(there, instead)))
    assert any(sentence in problem for problem in found), found


def test_an_error_page_may_say_so_before_its_heading() -> None:
    assert problems(Page(GOOD.replace("<title>", "<title>Fel: "))) == []


def test_a_form_is_sent_as_a_browser_would_send_it_untouched() -> None:
    form = """<form method="post"><input name="a" value="1"><input type="checkbox" name="b" value="x" checked>
    <input type="checkbox" name="b" value="y"><input type="radio" name="c" value="no"><select name="d"><option value="">–</option>
    <option value="two" selected>Två</option></select><textarea name="e">
rad</textarea><input name="f" value="z" disabled><button name="g" value="h">Spara</button></form>"""
    (parsed,) = Page(f"<!doctype html><title>x</title><main>{form}</main>").forms()
    assert form_values(parsed) == {"a": ["1"], "b": ["x"], "c": [], "d": ["two"], "e": ["rad"]}
