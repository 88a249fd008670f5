"""What goes wrong in a form: texts that break programs, answers nobody offered, and forms that are not what the page sent.

The question answered here is "what may come instead of a well-filled form?". Every spoilt form is made of a good one by one change,
so that what is answered is answered to that change. Promised: the same form gives the same spoilt forms, in the same order.

Not done here: sending them. The values are of the kinds of the Big List of Naughty Strings and of Unicode's own trouble makers
(UAX #9 direction, UAX #15 normalisation), and of what a Swedish form asks for: days, hours, identity numbers.
"""

import re
import unicodedata
import uuid
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import permutations
from urllib.parse import quote_plus
from xml.etree.ElementTree import Element

from tests.walked import UUID, ChosenFile, identity_number

Answers = tuple[tuple[str, str], ...]
FORM = "application/x-www-form-urlencoded"
#: What a form with a file in it is sent as; its bytes begin with the border.
WITH_FILES, BORDER = "multipart/form-data; boundary=grans", b"--grans\r\n"

#: Half a character as bytes in an address: what a server shows that cannot read it as text.
_HALF_WRITTEN = re.compile("%ED%[AB][0-9A-F]%[89AB][0-9A-F]")
_NUMBER = identity_number(998)
_WRONG_DIGIT = _NUMBER[:-1] + str((int(_NUMBER[-1]) + 1) % 10)
_LONG = "Å" * 1_000_000
TEXTS = {
    "nothing": "",
    "blanks": " \t \u00a0 ",
    "NUL": "Al\0va",
    "control characters": "Al\x01\x08\x1bva\x7f",
    "half a character": "Al\ud83dva",
    "the other half": "\udc00Alva",
    "no character": "Alva\uffff\ufdd0\U0010ffff",
    "right-to-left override": "Al\u202evA",
    "right-to-left mark": "\u200fAlva",
    "isolates": "\u2066Al\u2069va",
    "zero width": "Al\u200b\ufeffva",
    "joiners": "Al\u200d\u200cva",
    "emoji": "👩‍👩‍👧‍👦🏳️‍🌈🇸🇪",
    "combining marks": unicodedata.normalize("NFD", "Åsa Öström"),
    "very many combining marks": "Z" + "\u0300\u0316\u0334" * 500,
    "line breaks": "Al\r\nva\rLind\x85Ek\u2028Ek\u2029",
    "a header": "Alva\r\nSet-Cookie: a=b\r\n\r\n<html>",
    "a script": "<script>alert(1)</script>\"'><svg onload=alert(1)>",
    "a template": "{{ 7*7 }}{% raw %}${7*7}#{7*7}",
    "a query": "'; DROP TABLE note; --",
    "a pattern": "%s%n%(x)s\\u0000\\x00 % _ %% [a-z]*",
    "a formula": '=cmd|"/c calc"!A1',
    "a path": "../../../../etc/passwd\\..\\..",
    "a long text": "å" * 10_001,
    "a very long text": _LONG,
    "one long word": "ordet" * 60,
    "a huge number": "9" * 400,
    "a negative number": "-1",
    "too large for a column": "9223372036854775808",
    "a number beyond floats": "1e309",
    "no number": "NaN",
    "infinity": "-Infinity",
    "a fraction": "1,5",
    "zero": "0",
    "digits of another script": "٢٠٢٦-٠١-٠١",
    "raised digits": "²³",
    "wide digits": "１２３４５６７８９０",
    "30 February": "2026-02-30",
    "no day at all": "0000-00-00",
    "31 November": "31/11",
    "29 February of a common year": "2027-02-29",
    "the last day of all": "9999-12-31",
    "a day long ago": "1066-10-14",
    "a day to come": "2199-12-31",
    "in too many weeks": "om 99999999999 veckor",
    "a day before the calendar": "om 999999 månader sedan",
    "no hour": "25.61",
    "a wrong check digit": _WRONG_DIGIT,
    "an identity number without a day": "19990230-9806",
    "born in the future": "20990101-9802",
    "an id": str(uuid.UUID(int=7)),
}  # fmt: skip
CHOICES = {
    "nothing": "",
    "an unknown code": "xyzzy",
    "an unknown id": str(uuid.UUID(int=7)),
    "NUL": "\0",
    "half a character": "\ud83d",
    "a code in capitals": "NONE",
    "a number": "-1",
    "a query": "' OR 1=1 --",
    "a user who is not there": f"user:{uuid.UUID(int=7)}",
    "a long text": "x" * 100_000,
}
CARRIED = {
    "nothing": "",
    "another version": "999999",
    "a version before": "0",
    "a negative number": "-1",
    "raised digits": "²",
    "a huge number": "9" * 400,
    "a number beyond floats": "1e309",
    "NUL": "1\0",
    "half a character": "\ud83d",
    "an unknown id": str(uuid.UUID(int=7)),
    "a path": "//elsewhere.example/../..",
    "a long text": "x" * 100_000,
}


@dataclass(frozen=True)
class Spoilt:
    """A form with one thing wrong. `field`: the name of what was changed ("" for the form as a whole); `how`: what was done to it.

    What the page carries for itself (token, version) is put in when it is sent, but for the field that is spoilt. `is_form`: whether
    the server can read it as the form that the page sent; `body` makes the bytes of the answers.
    """

    field: str
    how: str
    action: str
    answers: Answers
    content_type: str = FORM
    body: Callable[[Answers], bytes] = lambda answers: encoded(answers)
    is_form: bool = True


def encoded(answers: Sequence[tuple[str, str]]) -> bytes:
    """The answers as a browser sends them; with a file among them, in parts."""
    if any(isinstance(value, ChosenFile) for _name, value in answers):
        return b"".join(_part(name, value) for name, value in answers) + b"--grans--\r\n"
    pairs = (f"{_quoted(name)}={_quoted(value)}" for name, value in answers)
    return "&".join(pairs).encode()


def _part(name: str, value: str) -> bytes:
    head = b'%sContent-Disposition: form-data; name="%s"' % (BORDER, name.encode("utf-8", "surrogatepass"))
    if isinstance(value, ChosenFile):
        return b'%s; filename="%s"\r\n\r\n%s\r\n' % (head, value.name.encode(), value.content)
    return b"%s\r\n\r\n%s\r\n" % (head, value.encode("utf-8", "surrogatepass"))


def _quoted(text: str) -> str:
    return quote_plus(text, encoding="utf-8", errors="surrogatepass")


def kinds_of(form: Element) -> dict[str, str]:
    """Name of each field → text, textarea, select, radio, checkbox, password or hidden."""
    found: dict[str, str] = {}
    for control in form.iter():
        name = control.get("name")
        if name and control.tag in ("input", "select", "textarea"):
            found.setdefault(name, control.get("type", "text") if control.tag == "input" else control.tag)
    return found


def spoil(form: Element, action: str, answers: Answers, others: Collection[str]) -> Iterator[Spoilt]:
    """Every way to spoil this well-filled form. `others`: ids that exist and are another team's."""
    kinds = kinds_of(form)
    for name, kind in kinds.items():
        if name == "csrf_token":
            continue
        for how, text in _values(kind, others).items():
            yield Spoilt(name, how, action, _put(answers, name, [text]))
        yield Spoilt(name, "missing", action, _put(answers, name, []))
        yield Spoilt(name, "twice", action, _put(answers, name, [*(v for n, v in answers if n == name), "xyzzy"]))
        yield Spoilt(name, "as a list", action, (*_put(answers, name, []), (f"{name}[]", "1"), (f"{name}[a][b]", "2"), (f"{name}.x", "3")))
        yield _with_a_file(name, action, answers)
    yield from _backwards(action, answers)
    yield from _whole(action, answers)
    yield from _elsewhere(action, answers, others)


def _values(kind: str, others: Collection[str]) -> dict[str, str]:
    if kind == "hidden":
        return CARRIED
    if kind in ("select", "radio", "checkbox"):
        return CHOICES | {f"another team's id {place}": other for place, other in enumerate(sorted(others))}
    return TEXTS


def _put(answers: Answers, name: str, values: Sequence[str]) -> Answers:
    kept = tuple((other, value) for other, value in answers if other != name)
    return (*kept, *((name, value) for value in values))


def _backwards(action: str, answers: Answers) -> Iterator[Spoilt]:
    """Each two days in the wrong order: end before start, review before agreement."""
    days = [name for name, value in answers if len(value) == 10 and value[4:5] == "-" and value[:4].isdigit()]
    for one, other in permutations(dict.fromkeys(days), 2):
        wrong = _put(_put(answers, one, ["2026-12-30"]), other, ["2026-01-02"])
        yield Spoilt(other, f"before {one}", action, wrong)


def _whole(action: str, answers: Answers) -> Iterator[Spoilt]:
    yield Spoilt("", "only the token", action, tuple(one for one in answers if one[0] == "csrf_token"))
    unasked = (("is_admin", "1"), ("id", "1"), ("__class__", "x"), ("", ""), ("\0", "\0"))
    yield Spoilt("", "fields nobody asked for", action, (*answers, *unasked))
    yield Spoilt("", "each field twice", action, answers + answers)
    yield Spoilt("", "very many fields", action, (*answers, *((f"field_{place}", "") for place in range(5000))))
    yield Spoilt("", "broken escapes", action, answers, body=lambda now: encoded(now) + b"&%zz=%&%ff%fe=%c3%28&=&&&==")
    for how, values in (("no token", []), ("an empty token", [""]), ("a foreign token", ["IjAwIg.aaaaaa.AAAAAAAAAAAAAAAAAAAAAAAAAAA"])):
        yield Spoilt("csrf_token", how, action, _put(answers, "csrf_token", values))
    much = b"&more=" + b"x" * 10_000_000
    yield Spoilt("", "ten million bytes", action, answers, body=lambda now: encoded(now) + much, is_form=False)
    for how, content_type, sent in (
        ("json", "application/json", b'{"a": [1e309, NaN]'),
        ("half a multipart", "multipart/form-data; boundary=x", b"--x\r\nContent-Disp"),
        ("no boundary", "multipart/form-data", b"--x\r\n"),
        ("no bytes", FORM, b""),
    ):
        yield Spoilt("", how, action, answers, content_type, body=_always(sent), is_form=False)


def _always(sent: bytes) -> Callable[[Answers], bytes]:
    return lambda _answers: sent


def _elsewhere(action: str, answers: Answers, others: Collection[str]) -> Iterator[Spoilt]:
    """The same form sent to an id that is not there, or is another team's."""
    for place, found in enumerate(UUID.finditer(action)):
        begin, end = found.span()
        yield Spoilt("", f"an unknown id at {place}", action[:begin] + str(uuid.UUID(int=7)) + action[end:], answers)
        yield Spoilt("", f"no id at {place}", action[:begin] + "%00" + action[end:], answers)
        for other in sorted(others):
            yield Spoilt("", f"another team's id at {place}", action[:begin] + other + action[end:], answers)


def _with_a_file(name: str, action: str, answers: Answers) -> Spoilt:
    def multipart(now: Answers) -> bytes:
        head = '--grans\r\nContent-Disposition: form-data; name="{}"'
        parts = [f"{head.format(other)}\r\n\r\n{value}\r\n".encode() for other, value in now]
        return b"".join(parts) + f'{head.format(name)}; filename="a.txt"\r\n\r\n'.encode() + b"\x00\xff\r\n--grans--\r\n"

    return Spoilt(name, "a file", action, _put(answers, name, []), "multipart/form-data; boundary=grans", multipart)


def folded(text: str) -> str:
    """What of a typed text any page can hold and show again, white space left out."""
    seen = unicodedata.normalize("NFC", _HALF_WRITTEN.sub("", text))
    unseen = {"Cc", "Cf", "Cs", "Cn", "Co", "Zs", "Zl", "Zp"}
    return "".join(one for one in seen if unicodedata.category(one) not in unseen and one != "\ufffd")
