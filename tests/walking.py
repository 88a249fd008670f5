"""Everybody walks everywhere and sends every form they meet: so that a test can speak of all pages and all forms without a list of them.

The question answered here is "which addresses can be reached, which forms are there, and what do they take?". Nothing is known of a
form beforehand: its fields are read off the page, each text field is offered a mark, and what the page says is wrong is answered
with something else (a day, an hour, an identity number …) until the form is taken. A form that is built tomorrow is found by itself.

Promised: every answer on the way was looked at as `PageClient` does; what was typed, requested and answered is kept. Not promised:
that every branch of a form was taken. Somebody who finds a form must find it through links and buttons, as a person would.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element

from flask import Flask
from werkzeug.exceptions import HTTPException
from werkzeug.test import TestResponse

from caseapp.formats import clock
from tests import walked
from tests.municipality import Municipality, Person
from tests.pages import Page
from tests.walked import MARK, SECRET, FormKind, Found, PatientClient, Sent, Time, Walk, carried, choose, local, shape, wrong_fields

#: Somebody who has not signed in. Whoever signs in with the form that is met knows what STRANGER knows.
NOBODY, STRANGER = "", "samir"
#: Who walks, in this order: who decides after who prepares, and the administrator last, because she can shut out the others.
WALKERS = ("karin", "lena", "stellan", "ulla", "greta", NOBODY, "admin")
_SUCCESSES, _SUCCESSES_OF_ALL, _ATTEMPTS, _ADDRESSES, _ROUNDS = 2, 3, 12, 2, 2
_AGAIN = ("/cases", "/meetings", "/statistics", "/settings")
_PROOFS = ("username", "current-password", "one-time-code")




def walk(app: Flask, municipality: Municipality, walkers: Iterable[str] = WALKERS) -> Walk:
    """Let everybody walk, those who end things last of all. The clock goes half a minute for each code that a telephone shows."""
    made = Walk()
    with ExitStack() as stack:
        time = Time(stack)
        people = [Walker(app, login, municipality[login or STRANGER], made, time) for login in walkers]
        for endings in (False, True):
            for person in people:
                person.walk(endings=endings)
    return made


def look_around(app: Flask, municipality: Municipality, walkers: Iterable[str], *, addresses: int, press: bool = False) -> Walk:
    """Let everybody see every page that links lead to, at most so many addresses of each kind; no form is sent but to sign in.

    `press`: of several buttons of a kind one is pressed, so that the forms that come of it (to undo, to take back) are met too.
    """
    made = Walk()
    with ExitStack() as stack:
        time = Time(stack)
        for login in walkers:
            Walker(app, login, municipality[login or STRANGER], made, time).look_around(addresses, press=press)
    return made


class Walker:
    """One person's way. A test that walks one step at a time signs in, asks for a form as it is now and persuades it."""

    def __init__(self, app: Flask, login: str, person: Person, made: Walk, time: Time) -> None:
        self._app, self._login, self._person, self._walk, self._time = app, login, person, made, time
        self.walk_so_far = made
        self._password = person.password
        self._invited_secret = ""
        self._map = app.url_map.bind("localhost")
        app.test_client_class = PatientClient
        self.client = self._browser()
        self._most = _ADDRESSES
        self._signed_in = login == NOBODY  # or as much as this walker ever is
        self._rounds = 0
        self._found: dict[FormKind, list[Found]] = {}
        self._stood: dict[tuple[str, str], str] = {}  # what stood in a text field when it was first met, by form's address and name
        self._tried: Counter[FormKind] = Counter()
        self._done: Counter[FormKind] = Counter()
        self._seen: set[str] = set()
        self._visits: Counter[str] = Counter()

    def look_around(self, addresses: int, *, press: bool = False) -> None:
        """See every page that links lead to."""
        self._most = addresses
        assert self.sign_in()
        for address in self._beginnings():
            self._visit(address)
        for kind in [kind for kind in self._found if press and kind.is_pressed]:
            if len(self._found[kind]) > 1 or kind.endpoint == "accounts.invite_person":
                self._send(kind)
        self._walk.found += [(self._login, found) for each in self._found.values() for found in each]
        self._walk.actions.update(found.action for each in self._found.values() for found in each)

    def _browser(self) -> Any:
        browser: Any = self._app.test_client()
        browser.looked, browser.wrong = self._walk.looked, self._walk.wrong
        return browser

    # -- the way --------------------------------------------------------------------------------------------------------

    def walk(self, *, endings: bool) -> None:
        """Go round until nothing new is taken."""
        for _round in range(_ROUNDS):
            if not self.sign_in():
                return
            self._sign_in_elsewhere()
            self._seen, self._visits = set(), Counter()
            for address in self._beginnings() if self._rounds == 0 else ("/", *_AGAIN):
                self._visit(address)
            self._rounds += 1
            before = sum(self._done.values())
            self._send_all(endings=endings)
            if sum(self._done.values()) == before:
                return

    def _beginnings(self) -> Iterator[str]:
        for rule in sorted(self._app.url_map.iter_rules(), key=lambda rule: (rule.rule == "/prove", rule.rule)):
            if not rule.arguments and "GET" in (rule.methods or ()):
                yield rule.rule
        yield "/nowhere"

    def sign_in(self) -> bool:
        if self._signed_in:
            return True
        if self._get("/sign-in").status_code != 200:
            return False
        self.client.submit({"login": self._person.login, "password": self._password})
        if self.client.address != "/sign-in/code":
            return False
        self.client.submit({"code": self._time.code(self._person.totp_secret)})
        self._signed_in = not self.client.address.startswith("/sign-in")
        return self._signed_in

    def _sign_in_elsewhere(self) -> None:
        """The coordinator has two more sessions, in browsers that she has walked away from."""
        if self._login == "karin":
            for _browser in range(2):
                client = self._browser()
                client.submit({"login": self._person.login, "password": self._password}, on="/sign-in")
                client.submit({"code": self._time.code(self._person.totp_secret)})

    def _visit(self, address: str) -> None:
        waiting = [address]
        while waiting:
            address = waiting.pop(0)
            parts = urlsplit(address)
            endpoint = self._endpoint(parts.path, "GET")
            if address in self._seen or endpoint is None or endpoint.endswith("static") or self._visits[endpoint] >= self._most:
                continue
            self._seen.add(address)
            self._visits[endpoint] += 1
            answer = self._get(address)
            if 300 <= answer.status_code < 400:
                waiting.append(local(answer.headers["Location"]))
            elif answer.mimetype == "text/html":
                waiting += self._look(address, answer)

    def _look(self, address: str, answer: TestResponse) -> list[str]:
        """Note the forms of a page; the addresses it leads to."""
        page = self.client.page
        endpoint = self._endpoint(urlsplit(address).path, "GET") or ""
        if answer.status_code == 200:
            self._walk.pages.setdefault(endpoint, set()).add((self._login, urlsplit(address).path))
            for text in re.findall(rf"{MARK} \d+x", page.text() + " ".join(value for e in page.root.iter() for value in e.attrib.values())):
                self._walk.shown.setdefault(text, set()).add(endpoint)
        for found in self._forms(page, address):
            self._found.setdefault(found.kind, [])
            if all(found.action != other.action for other in self._found[found.kind]):
                self._found[found.kind].append(found)
                self._tried[found.kind] = self._done[found.kind]  # another one of them: worth another try
            self._walk.met.setdefault(found.kind, f"{self._login} {address}")
        links = [*page.links, *(e.get("data-epoch-url", "") for e in page.root.iter() if e.get("data-epoch-url"))]
        links += re.findall(r"/invitation/[\w-]+", page.text())
        secret = re.search(r"(?:\b[A-Z2-7]{4} ?){8}\b", page.text())
        self._invited_secret = secret.group().replace(" ", "") if secret else ""
        return [local(link) for link in links if link.startswith("/")]

    def _forms(self, page: Page, address: str) -> Iterator[Found]:
        for element in page.forms():
            action = element.get("action") or address
            endpoint = self._endpoint(urlsplit(action).path, "POST")
            assert endpoint is not None, f"the form on {address} is sent to {action}, where nothing takes it"
            names = frozenset(shape(name) for control in element.iter() if (name := control.get("name")) and control.tag != "button")
            sending = [button for button in element.iter("button") if button.get("type", "submit") == "submit"]
            for elsewhere in {b.get("formaction") for b in sending} - {None}:  # the same for all forms, whatever they ask
                yield Found(FormKind(self._endpoint(str(elsewhere), "POST") or "", frozenset(), ("", "")), address, str(elsewhere), element)
            buttons = [(b.get("name", ""), b.get("value", "")) for b in sending if not b.get("formaction")]
            for button in dict.fromkeys((name, shape(value) if name else "") for name, value in buttons):
                yield Found(FormKind(endpoint, names, button), address, action, element)

    # -- sending --------------------------------------------------------------------------------------------------------

    def _send_all(self, *, endings: bool) -> None:
        while True:
            ready = [
                kind
                for kind in self._found
                if self._tried[kind] < _ATTEMPTS
                and self._done[kind] < (1 if kind.ends_something else _SUCCESSES + endings)  # once more, so that there is something to end
                and self._walk.taken_by_all[kind] < _SUCCESSES_OF_ALL + endings
                and self._tried[kind] == self._done[kind]
                and (endings or not kind.ends_something)
            ]
            if not ready:
                break
            kind = min(ready, key=self._order)
            if not self._send(kind):
                self._tried[kind] = _ATTEMPTS  # until the next round: something else may have to happen first
        for kind in self._found:
            self._tried[kind] = self._done[kind]

    def _order(self, kind: FormKind) -> tuple[bool, bool, int]:
        """An ending that nobody has sent comes first, as soon as there is something to end; other endings come last."""
        sent = self._walk.taken_by_all[kind]
        last = kind.endpoint in ("accounts.sign_out", "cases.bias", "cases.block_person", "members.leave_own")
        return last, kind.ends_something and sent > 0, -1 if kind.ends_something else sent

    def _send(self, kind: FormKind) -> bool:
        """Send the form until it is taken; whether it was."""
        for found in list(reversed(self._found[kind]))[: _SUCCESSES + 1]:
            if not self.sign_in():
                return False
            self._tried[kind] += 1
            fresh = self.fresh(found)
            if fresh is not None and self.persuade(fresh):
                self._done[kind] += 1
                self._tried[kind] = self._done[kind]
                return True
        return False

    def fresh(self, found: Found) -> Found | None:
        """The same form on its page as it is now, or as it was (a button that undoes something is shown once); None without a page."""
        answer = self._get(found.page)
        if not self._signed_in and self.sign_in():
            answer = self._get(found.page)
        if answer.status_code == 200 and answer.mimetype == "text/html":
            for other in self._forms(self.client.page, found.page):
                if other.kind == found.kind and other.action == found.action:
                    return other
        return found if answer.status_code == 200 else None

    def persuade(self, found: Found) -> bool:
        tries: Counter[str] = Counter()
        typed: dict[tuple[str, int], str] = {}
        for _attempt in range(_ATTEMPTS):
            answers = self._fill(found, tries, typed)
            answer = self._post(found.action, answers)
            if answer.status_code >= 500:
                raise AssertionError(f"{found.action} answered {answer.status_code} to {answers}")
            page = self.client.page if answer.mimetype == "text/html" else None
            if 300 <= answer.status_code < 400:
                return self._sent_on(found, answers, local(answer.headers["Location"]))
            if answer.status_code >= 400 and answer.status_code != 422:
                self._walk.refused[found.kind] = f"{answer.status_code} {page.heading if page else ''}"
                return False
            again = page and next((other for other in self._forms(page, found.page) if other.kind == found.kind), None)
            wrong = wrong_fields(page) if page else {}
            if not wrong and (again is None or carried(again.element) == carried(found.element)):
                self._note(found, answers)
                self._visit_answer(found, answer)
                return True
            if again is None:
                self._walk.refused[found.kind] = f"{wrong}"
                return False
            if wrong:
                self._walk.refused[found.kind] = f"{wrong}"
            for name in wrong or ():
                if name:
                    tries[name] += 1
                else:
                    tries.update({control.get("name", "") for control in found.element.iter() if control.tag in ("input", "select")})
            found = again
        return False

    def _sent_on(self, found: Found, answers: list[tuple[str, str]], to: str) -> bool:
        self._walk.refused.pop(found.kind, None)
        if to.startswith("/prove") and found.kind.endpoint != "accounts.prove":
            self._get(to)
            self.client.submit({"code": self._time.code(self._person.totp_secret)})
            fresh = self.fresh(found)
            return fresh is not None and self.persuade(fresh)
        if found.kind.endpoint == "accounts.sign_out":
            self._signed_in = False
        elif to.split("?")[0] == "/sign-in" and found.kind.endpoint != "accounts.invitation":
            self._signed_in = False
            return False
        self._note(found, answers)
        self._visit_again(to)
        return True

    def _note(self, found: Found, answers: list[tuple[str, str]]) -> None:
        self._walk.refused.pop(found.kind, None)
        self._walk.taken_by_all[found.kind] += 1
        self._walk.sent.append(Sent(found.kind, self._login, found.page, found.action, tuple(answers)))
        for name, text in answers:
            if MARK in text or text == SECRET:
                self._walk.taken.setdefault((found.kind.endpoint, shape(name)), text)
        if found.kind.endpoint == "accounts.change_password":
            self._password = SECRET

    def _visit_again(self, address: str) -> None:
        self._seen.discard(address)
        endpoint = self._endpoint(urlsplit(address).path, "GET")
        if endpoint:
            self._visits[endpoint] = min(self._visits[endpoint], self._most - 1)
            self._visit(address)

    def _visit_answer(self, found: Found, answer: TestResponse) -> None:
        if answer.mimetype == "text/html":
            for address in self._look(found.page, answer):
                self._visit(address)

    def _fill(self, found: Found, tries: Counter[str], typed: dict[tuple[str, int], str]) -> list[tuple[str, str]]:
        """Answers to every field, those the page found wrong answered with something else than the last time."""
        variant = self._done[found.kind]
        answers: list[tuple[str, str]] = []
        groups: dict[str, list[Element]] = {}
        for control in found.element.iter():
            if control.get("name") and control.tag in ("input", "select", "textarea") and control.get("disabled") is None:
                groups.setdefault(control.get("name", ""), []).append(control)
        for name, controls in groups.items():
            kind = controls[0].get("type", "text") if controls[0].tag == "input" else controls[0].tag
            if kind == "hidden":
                answers += [(name, control.get("value", "")) for control in controls]
            elif kind in ("radio", "checkbox", "select"):
                answers += [(name, value) for value in choose(kind, controls, variant + tries[name], tries[name])]
            elif kind == "file":
                answers.append((name, walked.ChosenFile(self._walk.text())))
            else:
                self._walk.fields.setdefault((found.kind.endpoint, shape(name)), kind)
                stood = self._stood.setdefault((found.action, name), walked.written(controls[0]))
                place = (name, tries[name])
                if place not in typed or controls[0].get("autocomplete") == "one-time-code":
                    typed[place] = self._type(controls[0], tries[name], stood)
                answers.append((name, typed[place]))
        button = found.kind.button
        if button[0]:
            values = [one.get("value", "") for one in found.element.iter("button") if one.get("name") == button[0]]
            answers.append((button[0], next(value for value in values if shape(value) == button[1])))
        return answers

    def _type(self, control: Element, tries: int, stood: str) -> str:
        """What is typed into a text field the first time (the mark), and what if that was wrong: what stood there, or something else."""
        asked, person = control.get("autocomplete", ""), self._person
        if asked == "new-password":
            return SECRET
        if asked in _PROOFS:
            if tries == 0 and asked not in self._walk.wrongly_proved:
                self._walk.wrongly_proved.add(asked)
                return self._walk.text()
            if asked == "one-time-code":
                return self._time.code(self._invited_secret or person.totp_secret)
            return person.login if asked == "username" else self._password
        stands = next((text for text in (walked.written(control), stood) if text and MARK not in text), "")
        today = clock.today()
        attempts: list[Any] = [self._walk.text, today.isoformat, lambda: "13.00", self._walk.number, lambda: "16", lambda: "3"]
        attempts += [(today + timedelta(days=20)).isoformat, lambda: ""]
        if stands:
            attempts.insert(1, lambda: stands)
        return attempts[min(tries, len(attempts) - 1)]()

    # -- asking ---------------------------------------------------------------------------------------------------------

    def _get(self, address: str) -> TestResponse:
        answer: TestResponse = self.client.get(address)
        if self._login != NOBODY and urlsplit(answer.headers.get("Location", "")).path == "/sign-in":
            self._signed_in = False
        return self._keep(address, answer)

    def _post(self, address: str, answers: list[tuple[str, str]]) -> TestResponse:
        form: dict[str, list[Any]] = {}
        for name, text in answers:
            form.setdefault(name, []).append((BytesIO(text.content), text.name) if isinstance(text, walked.ChosenFile) else text)
        answer: TestResponse = self.client.post(address, data=form)
        return self._keep(address, answer)

    def _keep(self, address: str, answer: TestResponse) -> TestResponse:
        made = self._walk
        made.statuses[answer.status_code] += 1
        made.addresses += [address, answer.request.url, answer.headers.get("Location", "")]
        made.cookies += answer.headers.getlist("Set-Cookie")
        if answer.mimetype != "text/html":
            made.downloads.append((address, answer.get_data()))
        return answer

    def _endpoint(self, path: str, method: str) -> str | None:
        try:
            return str(self._map.match(path, method=method)[0])
        except HTTPException:
            return None
