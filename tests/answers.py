"""What is an answer worth to whoever sent a form: is there a sentence, does it lead to the field, is the typed text still there?

The question answered here is asked of pages as a reader sees them, by nothing that the application's own code says about itself.
Not done here: whether something was saved. That is asked of the database.
"""

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from tests.bad_inputs import Answers, Spoilt, folded, kinds_of
from tests.pages import Page, form_values
from tests.walked import Found, shape

#: Words of the libraries below, which speak English; no Swedish sentence has one.
_ENGLISH = re.compile(r"\b(the|this field|invalid|not a valid|required|must|traceback|exception|error)\b", re.IGNORECASE)
#: What is about waiting is about no field.
_WAIT = re.compile("Försök igen (om|efter)")
#: Never shown again, or made anew for each page.
_NEVER_SHOWN = {"password", "hidden", "file"}
#: The codes of refusals that are a page of their own, with what was typed beneath.
REFUSALS = {400, 401, 403, 404, 409, 413, 422, 429}


def is_taken(status: int, page: Page | None) -> bool:
    """Whether the form was carried out: the answer leads on, or is a page without complaint."""
    return 300 <= status < 400 or (status < 300 and (page is None or not _summaries(page)))


def without_a_sentence(status: int, page: Page | None, spoilt: Spoilt, found: Found) -> str:
    """Why this refusal says nothing to its reader; "" if it says what is wrong and where."""
    if page is None:
        return "" if spoilt.how.startswith("no id") else f"{status} without a page"
    if english := _ENGLISH.search(_heard(page)):
        return f"{status} speaks English: {english.group()}"
    if status not in (422, 200):
        fine = status in REFUSALS and (len(page.heading.split()) > 1 or _alarms(page))
        return "" if fine else f"{status} with the heading {page.heading!r}"
    linked, loose = _said(page)
    if not linked and not loose:
        return "" if _alarms(page) and list(_kept(page)) else f"{status} without a summary"
    shown = {name for name, kind in kinds_of(found.element).items() if kind != "hidden"}
    if spoilt.field in shown and not linked and not any(_WAIT.search(line) for line in loose):
        return f"{status} says {loose} and leads to no field"
    return ""


def _summaries(page: Page) -> list[Element]:
    return [element for element in page.root.iter() if element.get("data-error-summary") is not None]


def _alarms(page: Page) -> list[str]:
    """The banners that a reader is told of at once."""
    return [page.text(element) for element in page.root.iter() if element.get("role") == "alert"]


def _kept(page: Page) -> Iterator[str]:
    """What the page gives back to be copied, where it has no place for it any more."""
    return (page.text(element) for element in page.root.iter("textarea") if element.get("readonly") is not None)


def _heard(page: Page) -> str:
    return " ".join([page.heading, *(page.text(element) for element in _summaries(page))]) if page.root.get("lang") == "sv" else ""


def _said(page: Page) -> tuple[set[str], list[str]]:
    """The ids that the summary leads to, which are on the page, and the sentences that lead nowhere."""
    linked, loose = set(), []
    there = {element.get("id") for element in page.root.iter()}
    for summary in _summaries(page):
        for line in summary.iter("li"):
            targets = {a.get("href", "")[1:] for a in line.iter("a")} & there
            linked |= targets  # type: ignore[arg-type]
            if not targets and page.text(line):
                loose.append(page.text(line))
    return linked, loose


def lost(status: int, page: Page, spoilt: Spoilt, sent: Answers, found: Found) -> Iterator[str]:
    """The names of text fields whose typed text is gone from the form that came back."""
    if status not in (422, 200):
        yield from _lost_from_a_refusal(status, page, sent, found)
        return
    if kept := " ".join(_kept(page)):
        yield from (name for name, typed in _texts(sent, found) if folded(typed) not in folded(kept))
        return
    form = _same_form(page, found)
    if form is None:
        yield "(no form)"
        return
    shown = form_values(form)
    for name, typed in _texts(sent, found):
        back = " ".join(shown.get(name, [""]))
        if folded(back) != folded(typed) and not _is_understood(typed, back):
            yield name


def _is_understood(typed: str, back: str) -> bool:
    """Whether a day or hour was understood, and is shown as such."""
    return bool(re.fullmatch(r"\d{4}-\d\d-\d\d|\d{1,2}\.\d\d|[\d\s-]{9,14}", back)) and folded(typed) != ""


def _texts(sent: Answers, found: Found) -> Iterator[tuple[str, str]]:
    """The text fields that a person typed in, the first answer of each."""
    kinds, first = kinds_of(found.element), dict(reversed(sent))
    codes = {control.get("name") for control in found.element.iter() if control.get("autocomplete") == "one-time-code"}
    for name, kind in kinds.items():
        if kind not in _NEVER_SHOWN | {"radio", "checkbox", "select"} and name not in codes and name in first:
            yield name, first[name]


def _lost_from_a_refusal(status: int, page: Page, sent: Answers, found: Found) -> Iterator[str]:
    """A page that says why keeps sentences at least, to be copied or sent again; not what was too large to be read."""
    if status in (413, 429):
        return
    kept = folded(page.text() + " ".join(value for element in page.root.iter() for value in element.attrib.values()))
    for name, typed in _texts(sent, found):
        if " " in typed.strip() and folded(typed) not in kept:
            yield name


def _same_form(page: Page, found: Found) -> Element | None:
    names = {shape(name) for name in kinds_of(found.element)}
    forms = [(len(names & {shape(name) for name in kinds_of(form)}), form) for form in page.forms()]
    best = max(forms, key=lambda one: one[0], default=None)
    return best[1] if best and best[0] > 1 else None
