"""What is found on a walk (`tests/walking.py`): forms, what was sent, the walker's watch and browser, and how a field is read."""


import re
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from io import BytesIO
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element

from PIL import Image, PngImagePlugin
from werkzeug.test import TestResponse

from caseapp.accounts.second_factor import code_at
from caseapp.formats import clock
from tests.pages import Page, PageClient, problems

#: In every text that is typed. No word of any language; Swedish letters in it, so that every encoding of it differs.
MARK = "Kvåsöfjäll"
#: The young people's identity numbers: a birth year that no date of the programme's rhythm has, serial numbers for tests (980–999).
BIRTH = "19990217"
SECRET = "kvåsöfjäll skrapar blåklint tystare"
#: What ends something waits until the rest has been done; only the order depends on these words.
ENDINGS = re.compile(
    r"withdraw|close|call_off|disable|end_|remove|take_off|reject|sign_out|password|change_participant|members|bias|block_person"
)
UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
#: Wrong answers to what has these for autocomplete are counted by the application; one is enough.
LOOKS = 3


def identity_number(serial: int) -> str:
    """Twelve digits that belong to nobody: the tax agency's serial numbers for tests, with Luhn's check digit over the last nine."""
    nine = f"{BIRTH[2:]}{serial:03}"
    digits = [int(digit) * (2 - place % 2) for place, digit in enumerate(nine)]
    return f"{BIRTH}{serial:03}{-sum(sum(divmod(number, 10)) for number in digits) % 10}"


class ChosenFile(str):
    """A file that is chosen in a form: a picture with this text noted in it, and for its name."""

    __slots__ = ()

    @property
    def name(self) -> str:
        """Its name on the computer of whoever chose it."""
        return f"{self}.png"

    @property
    def content(self) -> bytes:
        """Its bytes."""
        to, notes = BytesIO(), PngImagePlugin.PngInfo()
        notes.add_text("Author", str(self))
        notes.add_itxt("Comment", str(self))
        Image.new("RGB", (8, 8)).save(to, "PNG", pnginfo=notes)
        return to.getvalue()


@dataclass(frozen=True)
class FormKind:
    """Forms that are the same question: where they are sent, the names of their fields, the button that sends them."""

    endpoint: str
    fields: frozenset[str]
    button: tuple[str, str]

    @property
    def ends_something(self) -> bool:
        return bool(ENDINGS.search(self.endpoint) or self.button[1] == "end")

    @property
    def is_pressed(self) -> bool:
        """Whether something is to be undone or taken up once it has been sent: a mere button, an ending, an invitation."""
        mere = self.fields <= {"csrf_token", "present"} and not self.button[0]
        chosen = mere or self.ends_something or self.endpoint == "accounts.invite_person"
        return chosen and self.endpoint not in ("accounts.sign_out", "accounts.change_password")


@dataclass(frozen=True)
class Found:
    """A form on a page."""

    kind: FormKind
    page: str
    action: str
    element: Element = field(repr=False)


@dataclass(frozen=True)
class Sent:
    """A form that was taken: by whom it was sent, from which page, with which answers."""

    kind: FormKind
    login: str
    page: str
    action: str
    answers: tuple[tuple[str, str], ...]


@dataclass
class Walk:
    """What was met on the way."""

    sent: list[Sent] = field(default_factory=list)
    found: list[tuple[str, Found]] = field(default_factory=list)
    met: dict[FormKind, str] = field(default_factory=dict)
    refused: dict[FormKind, str] = field(default_factory=dict)
    fields: dict[tuple[str, str], str] = field(default_factory=dict)
    taken: dict[tuple[str, str], str] = field(default_factory=dict)
    pages: dict[str, set[tuple[str, str]]] = field(default_factory=dict)
    addresses: list[str] = field(default_factory=list)
    cookies: list[str] = field(default_factory=list)
    downloads: list[tuple[str, bytes]] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    numbers: list[str] = field(default_factory=list)
    shown: dict[str, set[str]] = field(default_factory=dict)
    actions: set[str] = field(default_factory=set)
    texts: int = 0
    wrong: list[str] = field(default_factory=list)
    looked: Counter[tuple[str, int]] = field(default_factory=Counter)
    taken_by_all: Counter[FormKind] = field(default_factory=Counter)
    wrongly_proved: set[str] = field(default_factory=set)

    def endpoints_sent(self) -> set[str]:
        """The endpoints that took a form."""
        return {one.kind.endpoint for one in self.sent}

    def text(self) -> str:
        """A new text with the mark, numbered so that it can be told which form it was typed in."""
        self.texts += 1
        return f"{MARK} {self.texts}x"

    def number(self) -> str:
        """An identity number that has not been typed before."""
        self.numbers.append(identity_number(999 - len(self.numbers) % 20))
        return self.numbers[-1]


class Time:
    """A clock that moves on when a code is needed, since each code is taken once."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack, self._moment = stack, clock.now()

    def code(self, secret: str) -> str:
        self._moment += timedelta(seconds=31)
        self._stack.enter_context(clock.at(self._moment))
        return code_at(secret, self._moment)


class PatientClient(PageClient):
    """Looks at the first pages that each address gives with each status, not at the hundredth: that is what makes a walk last."""

    looked: Counter[tuple[str, int]]
    wrong: list[str]

    def problems_of(self, response: TestResponse, page: Page) -> list[str]:
        seen = (UUID.sub("*", response.request.path), response.status_code)
        self.looked[seen] += 1
        return problems(page) if self.looked[seen] <= LOOKS else []

    def complain(self, sentence: str) -> None:
        self.wrong.append(sentence)


def shape(name: str) -> str:
    return re.sub(r"_\d+$", "_#", UUID.sub("*", name))


def local(address: str) -> str:
    parts = urlsplit(address)
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def carried(form: Element) -> dict[str, str]:
    """What the form carries for itself, but for what is new on every page."""
    hidden = {control.get("name", ""): control.get("value", "") for control in form.iter("input") if control.get("type") == "hidden"}
    return {name: value for name, value in hidden.items() if name not in ("csrf_token", "once", "next")}


def choose(kind: str, controls: list[Element], place: int, tries: int) -> list[str]:
    if kind == "select":
        offered = [option.get("value", "") for option in controls[0].iter("option") if option.get("value")]
        return [offered[place % len(offered)]] if offered else [""]
    offered = [control.get("value", "on") for control in controls]
    if kind == "radio":
        return [offered[place % len(offered)]]
    if tries == 0:
        return offered
    return [] if tries == 2 else [offered[tries % len(offered)]]


def wrong_fields(page: Page) -> dict[str, str]:
    """The name of each field that the page found wrong → what it says; "" for what concerns the form as a whole."""
    wrong = {}
    for element in page.root.iter():
        if "error" in element.get("class", "").split() and element.get("id", "").endswith("-error"):
            wrong[element.get("id", "").removesuffix("-error")] = page.text(element)
        elif element.get("data-error-summary") is not None and not any(a.get("href", "").startswith("#") for a in element.iter("a")):
            wrong[""] = page.text(element)
    return wrong


def written(control: Element) -> str:
    """What stands in a text field."""
    return control.get("value", "") if control.tag == "input" else "".join(control.itertext()).strip()
