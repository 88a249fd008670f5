"""What must hold for every page, whoever made it: `problems` finds what is wrong, `PageClient` asks it of all it fetches.

Promised: a test that only wants to reach a page proves, on the way, that the page is valid HTML, has one title that is its
heading, labels on its fields, ids that are unique and lead somewhere, no inline script or style, nothing off-origin, and the
security headers. Not checked here: what only a browser knows (contrast, focus, layout); the journeys do that with axe.

Sources: HTML (parse errors as html5lib finds them), WCAG 2.1 criteria 1.3.1, 2.4.2, 3.1.1, 4.1.1 and 4.1.2, OWASP ASVS 5.0.0 chapter V3.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element

import html5lib
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

_FIELDS = ("input", "select", "textarea")
_UNLABELLED_INPUTS = {"hidden", "submit", "button", "reset", "image"}
_REFERRING = ("aria-describedby", "aria-labelledby", "aria-controls", "aria-owns", "aria-errormessage", "headers", "list", "for")
_LOADING = {"src", "href", "action", "formaction", "poster", "data", "xlink:href"}
_PROGRAM_TALK = re.compile(r"\{\{|\{%| object at 0x|<bound method|lazy_gettext|Undefined\b|%\(\w+\)s")
_ERROR_PREFIXES = ("Fel: ", "Error: ")
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
    "base-uri": "'none'",
}
#: What may not run at all is shown in an origin of its own, with less than any page may.
_SANDBOX = {
    "sandbox": "",
    **dict.fromkeys(("default-src", "form-action", "frame-ancestors", "base-uri"), "'none'"),
    "img-src": "'self'",
    "style-src": "'unsafe-inline'",
}


class Page:
    """One parsed page: elements, text, forms. Names are without namespace."""

    def __init__(self, html: str) -> None:
        parser = html5lib.HTMLParser(namespaceHTMLElements=False)
        self.root: Element = parser.parse(html)
        self.parse_errors = [f"line {position[0]}: {code} {details}" for position, code, details in parser.errors]

    def all(self, *tags: str) -> list[Element]:
        """Every element with one of these tags, in the order of the page."""
        return [element for element in self.root.iter() if element.tag in tags]

    def text(self, element: Element | None = None) -> str:
        """What a reader sees, white space folded; scripts and templates left out."""
        return " ".join("".join(_text(self.root if element is None else element)).split())

    @property
    def title(self) -> str:
        """The text of <title>."""
        return self.text(self.all("title")[0])

    @property
    def heading(self) -> str:
        """The text of the first h1."""
        return self.text(self.all("h1")[0])

    @property
    def links(self) -> dict[str, str]:
        """Address of each link to its text."""
        return {a.get("href", ""): self.text(a) for a in self.all("a") if a.get("href")}

    def forms(self, action: str | None = None) -> list[Element]:
        """The forms of the page that are sent by POST, in <main> first; only those to this address if one is given."""
        found: list[Element] = []
        for area in [*self.all("main"), self.root]:
            for form in area.iter("form"):
                if form.get("method", "get").lower() == "post" and not any(form is other for other in found):
                    found.append(form)
        return [form for form in found if action is None or form.get("action") == action]


def _text(element: Element) -> Iterator[str]:
    if element.tag not in ("script", "style", "template") and isinstance(element.tag, str):
        yield element.text or ""
        for child in element:
            yield from _text(child)
            yield child.tail or ""


def form_values(form: Element) -> dict[str, list[str]]:
    """What a browser would send for this form if nobody touched it, without its buttons."""
    values: dict[str, list[str]] = {}
    for field in form.iter():
        name, kind = field.get("name"), field.get("type", "text")
        if not name or field.tag not in _FIELDS or field.get("disabled") is not None:
            continue
        found = values.setdefault(name, [])
        if field.tag == "select":
            options = list(field.iter("option"))
            chosen = [option for option in options if option.get("selected") is not None] or options[:1]
            found += [option.get("value", "".join(option.itertext())) for option in chosen]
        elif field.tag == "textarea":
            found.append("".join(field.itertext()).removeprefix("\n"))
        elif kind in ("checkbox", "radio"):
            if field.get("checked") is not None:
                found.append(field.get("value", "on"))
        elif kind not in ("submit", "button", "image", "reset"):
            found.append(field.get("value", ""))
    return values


def problems(page: Page) -> list[str]:
    """Everything wrong with this page, each in a sentence; empty for a good page."""
    checks = (_structure, _titles, _ids, _labels, _nothing_inline, _nothing_off_origin, _forms)
    return [f"not valid HTML, {error}" for error in page.parse_errors] + [found for check in checks for found in check(page)]


def _structure(page: Page) -> Iterator[str]:
    if page.root.get("lang") not in ("sv", "en"):
        yield f"<html lang> is {page.root.get('lang')!r}, not sv or en"
    if len(page.all("main")) != 1:
        yield "there is not exactly one <main>"
    levels = [int(h.tag[1]) for h in page.all("h1", "h2", "h3", "h4", "h5", "h6")]
    yield from (f"heading level jumps from h{a} to h{b}" for a, b in pairwise(levels) if b > a + 1)
    yield from ("an <img> has no alt" for img in page.all("img") if img.get("alt") is None)
    if found := _PROGRAM_TALK.search(page.text()):
        yield f"the reader sees program text: {found.group()!r}"
    yield from ("a <table> has no header cells" for table in page.all("table") if not list(table.iter("th")))


def _titles(page: Page) -> Iterator[str]:
    titles, headings = [page.text(t) for t in page.root.findall("head/title")], page.all("h1")
    if len(titles) != 1 or not titles[0]:
        yield f"there is not exactly one filled <title>: {titles}"
    if len(headings) != 1:
        yield f"there is not exactly one h1: {[page.text(h) for h in headings]}"
    if len(titles) == 1 and len(headings) == 1:
        title, heading = titles[0], page.text(headings[0])
        for prefix in _ERROR_PREFIXES:
            title = title.removeprefix(prefix)
        if not heading or not title.startswith(heading):
            yield f"the title {titles[0]!r} does not begin with the heading {heading!r}"


def _ids(page: Page) -> Iterator[str]:
    counted = Counter(element.get("id") for element in page.root.iter() if element.get("id") is not None)
    yield from (f"id {name!r} is used {count} times" for name, count in counted.items() if count > 1)
    for element in page.root.iter():
        for attribute in _REFERRING:
            for name in (element.get(attribute) or "").split():
                if name not in counted:
                    yield f"{attribute}={name!r} leads nowhere"
        target = element.get("href", "")
        if element.tag == "a" and target.startswith("#") and target[1:] not in counted:
            yield f"the link {target!r} leads nowhere"


def _labels(page: Page) -> Iterator[str]:
    labelled = {label.get("for") for label in page.all("label") if page.text(label)}
    wrapped = {id(field) for label in page.all("label") if page.text(label) for field in label.iter()}
    for field in page.all(*_FIELDS):
        if field.tag == "input" and field.get("type", "text") in _UNLABELLED_INPUTS:
            continue
        named = field.get("id") in labelled or id(field) in wrapped or field.get("aria-label") or field.get("aria-labelledby")
        if not named:
            yield f"<{field.tag} name={field.get('name')!r}> has no label"
    for button in page.all("button", "a"):
        if button.tag == "a" and button.get("href") is None:
            continue
        if not (page.text(button) or button.get("aria-label") or any(img.get("alt") for img in button.iter("img"))):
            yield f"a <{button.tag}> has no words: {button.attrib}"
    for group in page.all("fieldset"):
        if not any(page.text(legend) for legend in group.iter("legend")):
            yield "a <fieldset> has no <legend>"


def _nothing_inline(page: Page) -> Iterator[str]:
    for element in page.root.iter():
        yield from (f"inline {name}= on <{element.tag}>" for name in element.attrib if name == "style" or str(name).startswith("on"))
        if element.tag == "style" or (element.tag == "script" and not element.get("src")):
            yield f"an inline <{element.tag}>"


def _nothing_off_origin(page: Page) -> Iterator[str]:
    for element in page.root.iter():
        for name in _LOADING & {str(key) for key in element.attrib}:
            address = element.get(name, "")
            if element.tag == "a" and address.startswith("https://"):
                continue  # a link that a person follows loads nothing
            parts = urlsplit(address)
            if parts.netloc or parts.scheme not in ("", "data", "mailto", "tel"):
                yield f"<{element.tag} {name}={address!r}> leaves the origin"


def _forms(page: Page) -> Iterator[str]:
    for form in page.all("form"):
        if form.get("method", "get").lower() != "post":
            yield f"the form to {form.get('action')!r} is sent by GET: what is typed would stand in the address"
        elif not form_values(form).get("csrf_token", [""])[0]:
            yield f"the form to {form.get('action')!r} has no token against forgery"


def header_problems(response: TestResponse, path: str) -> list[str]:
    """What the headers of this answer lack, each in a sentence."""
    found = [f"{name} is {response.headers.get(name)!r}" for name, value in _HEADERS.items() if response.headers.get(name) != value]
    written = response.headers.get("Content-Security-Policy", "").split(";")
    policy = dict(part.strip().partition(" ")[::2] for part in written if part.strip())
    if policy != (_SANDBOX if "sandbox" in policy else _POLICY) or (response.mimetype == "text/html" and "sandbox" in policy):
        found.append(f"Content-Security-Policy is {policy}")
    if "max-age=" not in response.headers.get("Strict-Transport-Security", ""):
        found.append("Strict-Transport-Security is missing")
    if "/static/" not in path and "no-store" not in response.headers.get("Cache-Control", ""):
        found.append(f"Cache-Control is {response.headers.get('Cache-Control')!r}")
    for cookie in response.headers.getlist("Set-Cookie"):
        missing = [word for word in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/") if word.lower() not in cookie.lower()]
        if missing or not cookie.startswith("__Host-"):
            found.append(f"the cookie {cookie.partition('=')[0]} lacks {missing or '__Host-'}")
    if urlsplit(response.headers.get("Location", "")).netloc not in ("", "localhost"):
        found.append(f"redirects away: {response.headers['Location']}")
    return found


class PageClient(FlaskClient):
    """A test client that behaves as a browser and looks at every answer: a bad page or a missing header fails the test that met it.

    `page` is the last page seen; `submit` fills in a form of it and sends it, token and hidden fields included.
    """

    page: Page | None = None
    address = "/"
    _with_query = "/"

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        kwargs.setdefault("base_url", "https://localhost") if args and isinstance(args[0], str) else None
        response = super().open(*args, **kwargs)
        path = response.request.path
        found = header_problems(response, path)
        if response.mimetype == "text/html" and not 300 <= response.status_code < 400:
            self.page, self.address = Page(response.get_data(as_text=True)), path
            found += self.problems_of(response, self.page)
            self._with_query = response.request.full_path.removesuffix("?")
        if found:
            self.complain(f"{response.request.method} {path} ({response.status_code}):\n  " + "\n  ".join(found))
        return response

    def problems_of(self, response: TestResponse, page: Page) -> list[str]:
        """What is wrong with this page; a client that sees very many pages may look at fewer."""
        return problems(page)

    def complain(self, sentence: str) -> None:
        """Fail the test; a client on a long way may note it and go on."""
        raise AssertionError(sentence)

    def submit(self, fields: Mapping[str, Any] | None = None, *, on: str | None = None, action: str | None = None) -> TestResponse:
        """The answer, redirects followed, to a form filled in with these fields. `on` is fetched first; `action` chooses the form.

        Raises AssertionError where the page has no such form or the form has no such field: a person could not have typed it.
        """
        if on is not None:
            answer = self.get(on, follow_redirects=True)
            assert answer.status_code == 200, f"{on} answered {answer.status_code}"
        assert self.page is not None, "fetch a page first"
        chosen = dict(fields or {})
        names = [({element.get("name", "") for element in form.iter()}, form) for form in self.page.forms(action)]
        fitting = [form for present, form in names if set(chosen) <= present]
        assert fitting, f"no form on {self.address} has the fields {sorted(chosen)}; there are {[sorted(n) for n, _ in names]}"
        form = fitting[0]
        return self.post(form.get("action") or self._with_query, data=form_values(form) | chosen, follow_redirects=True)
