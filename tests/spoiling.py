"""Everybody fills in every form they meet and spoils it: what is answered, and what is then in the database?

The question answered here is "does each spoilt form get a sentence instead of an error, and is nothing saved of it?". The forms are
those a walk meets (`tests/walking.py`), the ways to spoil them those of `tests/bad_inputs.py`. Each answer is held against five
promises; what breaks one is noted, with the form, the field and what was done to it, and the way goes on.

Each person and form has an installation of its own, a copy, so that what one form ended another still finds. Not promised: that a
sample meets every form; the whole does.
"""

import contextvars
import random
import traceback
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from caseapp.formats import clock
from tests.answers import is_taken, lost, without_a_sentence
from tests.bad_inputs import BORDER, WITH_FILES, Answers, Spoilt, encoded, kinds_of, spoil
from tests.installations import Installation, Workshop, every_row_but_traces
from tests.municipality import Person
from tests.pages import Page, form_values
from tests.planted_texts import Plantation, plant, the_day_after
from tests.walked import Found, Time, Walk
from tests.walking import STRANGER, WALKERS, Walker, look_around

#: Tables that note what was tried, whatever came of it.
TRACES = {"failed_sign_in"}
PROMISES = ("server error", "no sentence", "text lost", "saved although refused", "saved twice")
TOGETHER = 20
BUSY = 503  # try again in a moment: an answer where so many write at once on a machine that has other things to do
Rows = dict[str, list[Any]]


@dataclass
class World:
    """The cases, and the forms that each person meets there."""

    plantation: Plantation
    forms: list[tuple[str, Found]]
    others: frozenset[str]


@dataclass
class Trial:
    """What came of all that was sent: how many, answered how, and which promise was broken by what."""

    sent: int = 0
    forms: set[tuple[str, str]] = field(default_factory=set)
    statuses: Counter[int] = field(default_factory=Counter)
    never_taken: list[str] = field(default_factory=list)
    together: int = 0
    broken: dict[str, list[str]] = field(default_factory=lambda: {promise: [] for promise in PROMISES})


def make_world(app: Flask, invitation: str) -> World:
    """Cases in every state, one button of each kind pressed, and the forms that are then on the pages: one of each kind for each person."""
    plantation = plant(app, invitation)
    with clock.at(the_day_after()):
        look_around(app, plantation.municipality, WALKERS, addresses=2, press=True)
    with clock.at(the_day_after(hours=1)):
        seen = look_around(app, plantation.municipality, WALKERS, addresses=2)
    first: dict[Any, tuple[str, Found]] = {}
    for login, found in seen.found:
        first.setdefault((login, found.kind), (login, found))
    team = plantation.municipality.teams["soder"]
    others = {team, plantation.cases["elsewhere"], f"{team}:coordinator", f"user:{plantation.municipality['rasmus'].id}"}
    return World(plantation, list(first.values()), frozenset(others))


def trial(workshop: Workshop, template: Installation, world: World, *, most: int, seed: int) -> Trial:
    """Send at most so many spoilt forms, drawn by lot with this seed: some forms, and of each form some of the ways to spoil it."""
    lot, made = random.Random(seed), Trial()
    forms = sorted(world.forms, key=lambda one: (one[0], str(one[1].kind.endpoint), sorted(one[1].kind.fields), one[1].kind.button))
    lot.shuffle(forms)
    share = max(most // len(forms), 15)  # fewer are not worth an installation of their own
    for login, found in forms:
        if made.sent >= most:
            break
        _Bench(workshop, template, world, login, found, made).spoil(min(share, most - made.sent), lot)
    return made


class _Bench:
    """One person at one form."""

    def __init__(self, workshop: Workshop, template: Installation, world: World, login: str, found: Found, made: Trial) -> None:
        self._workshop, self._template, self._world = workshop, template, world
        self._login, self._found, self._made = login, found, made
        self._name = f"{login or 'nobody'} {found.kind.endpoint} {'='.join(found.kind.button)}".rstrip(" =")

    @contextmanager
    def _installation(self) -> Iterator["_Sender"]:
        """A copy in which this person has signed in, on the day after."""
        with TemporaryDirectory() as directory, ExitStack() as stack:
            made = stack.enter_context(self._workshop.copy(self._template, Path(directory) / "home"))
            app = stack.enter_context(made.application())
            stack.enter_context(clock.at(the_day_after(hours=2)))
            app.extensions["caseapp.database"].bind()
            person = self._world.plantation.municipality[self._login or STRANGER]
            time = Time(stack)
            walker = Walker(app, self._login, person, Walk(), time)
            assert walker.sign_in(), self._login
            yield _Sender(app, walker, self._found, time, person)

    def spoil(self, most: int, lot: random.Random) -> None:
        """Fill the form in well once, send that again and many times at once, then spoil it so many times."""
        self._made.forms.add((self._login, self._found.kind.endpoint))
        filled, grown = self._fill_in_well()
        if grown is not None and any(name == "once" for name, _value in filled):
            with self._installation() as sender:
                self._send_together(sender, filled, grown)
        ways = list(spoil(self._found.element, self._found.action, filled, self._world.others))
        waiting = lot.sample(ways, min(most, len(ways)))
        while waiting:
            with self._installation() as sender:
                while waiting and sender.is_ready and self._send(sender, waiting.pop()):
                    pass
                if not sender.is_ready:
                    self._made.never_taken.append(f"{self._name}: not on its page any more")
                    return

    def _fill_in_well(self) -> tuple[Answers, dict[str, int] | None]:
        """Answers that are taken, and by how many rows each table then grew; what stands on the page, and None, if nothing is taken."""
        with self._installation() as sender:
            before, so_far = rows(sender.app), sender.walker.walk_so_far
            fresh = sender.walker.fresh(self._found)
            if fresh is not None and sender.walker.persuade(fresh):
                answers = next(one.answers for one in reversed(so_far.sent) if one.kind == self._found.kind)
                return answers, _growth(before, rows(sender.app))
            self._made.never_taken.append(f"{self._name}: {list(so_far.refused.values())}")
        values = form_values(self._found.element)
        return tuple((name, value) for name, each in values.items() for value in each), None

    def _send_together(self, sender: "_Sender", filled: Answers, grown: dict[str, int]) -> None:
        """The same click so many times at the same time: what grows is what grows for one."""
        before = rows(sender.app)
        well = Spoilt("", "together", self._found.action, filled)
        content = encoded(sender.refreshed(well))
        contexts = [contextvars.copy_context() for _each in range(TOGETHER)]
        with ThreadPoolExecutor(TOGETHER) as pool:
            answers = list(pool.map(lambda context: context.run(sender.post_alone, well, content), contexts))
        self._made.sent += TOGETHER
        self._made.statuses.update(answer.status for answer in answers)
        for answer in answers:
            if answer.status >= 500 and answer.status != BUSY:
                self._note("server error", well, answer.why)
        now = _growth(before, rows(sender.app))
        if now != grown and not (now == {} and all(answer.status == BUSY for answer in answers)):
            self._note("saved twice", well, f"{now}, once {grown}")
        self._made.together += 1

    def _send(self, sender: "_Sender", spoilt: Spoilt) -> bool:
        """Send it and look; whether this installation can be used for the next one."""
        before, sent = rows(sender.app), sender.refreshed(spoilt)
        answer = sender.post(spoilt, sent)
        after = rows(sender.app)
        self._made.sent += 1
        self._made.statuses[answer.status] += 1
        if answer.status >= 500:
            self._note("server error", spoilt, answer.why)
            return False
        if not is_taken(answer.status, answer.page):
            self._look_at_refusal(spoilt, sent, answer, changed=_changed(before, after))
            return before == after
        # whoever tampers with the key that tells two clicks from two wishes may wish twice
        if spoilt.field != "once" and any(name == "once" for name, _value in sent) and answer.status != 200:
            again = sender.post(spoilt, sent)
            if again.status >= 500:
                self._note("server error", spoilt, "sent again: " + again.why)
            if rows(sender.app) != after:
                self._note("saved twice", spoilt, _changed(after, rows(sender.app)))
        return not self._found.kind.ends_something and sender.ask_again()

    def _look_at_refusal(self, spoilt: Spoilt, sent: Answers, answer: "_Answer", *, changed: str) -> None:
        if changed:
            self._note("saved although refused", spoilt, f"{answer.status} {changed}")
        if why := without_a_sentence(answer.status, answer.page, spoilt, self._found):
            self._note("no sentence", spoilt, why)
        if answer.page is not None and spoilt.is_form and (gone := list(lost(answer.status, answer.page, spoilt, sent, self._found))):
            self._note("text lost", spoilt, f"{answer.status} {gone}")

    def _note(self, promise: str, spoilt: Spoilt, why: str) -> None:
        self._made.broken[promise].append(f"{self._name} [{spoilt.field} {spoilt.how}] {spoilt.action}: {why}")


@dataclass
class _Answer:
    """What came back: its status, the page if it is one, and where it went wrong if it did."""

    status: int
    page: Page | None = None
    why: str = ""


class _Sender:
    """Sends a person's spoilt forms with what the page at hand carries for itself."""

    def __init__(self, app: Flask, walker: Walker, found: Found, time: Time, person: Person) -> None:
        self.app, self.walker, self._found, self._time, self._person = app, walker, found, time, person
        self._carried: dict[str, list[str]] = {}
        self._codes = [one.get("name", "") for one in found.element.iter() if one.get("autocomplete") == "one-time-code"]
        self.is_ready = self.ask_again()

    def ask_again(self) -> bool:
        """Fetch the page anew; whether the form is still there."""
        fresh = self.walker.fresh(self._found)
        if fresh is None:
            return False
        values, kinds = form_values(fresh.element), kinds_of(fresh.element)
        self._carried = {name: values[name] for name, kind in kinds.items() if kind == "hidden"}
        tokens = [values["csrf_token"] for form in self.walker.client.page.forms() if (values := form_values(form)).get("csrf_token")]
        self._carried["csrf_token"] = tokens[0]  # a button shown once is not on the page any more, but its token is
        return True

    def refreshed(self, spoilt: Spoilt) -> Answers:
        """The answers, with the page's own values and a code of this moment wherever they are not what is spoilt."""
        # what is empty on a new page was put in on the way (that the right person was meant), and stays
        fresh = {name: values for name, values in self._carried.items() if name != spoilt.field and any(values)}
        answers = [(name, value) for name, value in spoilt.answers if name not in fresh]
        for name in self._codes:
            if name != spoilt.field and any(name == other for other, _value in answers):
                answers = [one for one in answers if one[0] != name] + [(name, self._time.code(self._person.totp_secret))]
        return (*answers, *((name, value) for name, values in fresh.items() for value in values))

    def post(self, spoilt: Spoilt, sent: Answers) -> _Answer:
        """Send it; what goes wrong inside is an answer with status 500 that says where."""
        client = self.walker.client
        return self._post(client, spoilt, spoilt.body(sent))

    def post_alone(self, spoilt: Spoilt, content: bytes) -> _Answer:
        """The same from a window of its own with the same cookies, for sending at the same time."""
        client = self.app.test_client()
        client.looked, client.wrong = Counter(), []  # type: ignore[attr-defined]
        client._cookies = dict(self.walker.client._cookies)
        return self._post(client, spoilt, content)

    def _post(self, client: Any, spoilt: Spoilt, content: bytes) -> _Answer:
        client.page = None
        try:
            content_type = WITH_FILES if content.startswith(BORDER) else spoilt.content_type
            answer: TestResponse = client.post(spoilt.action, data=content, content_type=content_type)
        except Exception as error:
            ours = [f"{frame.filename.rpartition('caseapp/')[2]}:{frame.lineno}" for frame in traceback.extract_tb(error.__traceback__)]
            return _Answer(500, None, f"{type(error).__name__} {str(error)[:200]!r} at {' '.join(ours[-4:])}")
        page = client.page if answer.mimetype == "text/html" and not 300 <= answer.status_code < 400 else None
        return _Answer(answer.status_code, page, answer.get_data(as_text=True)[:200] if answer.status_code >= 500 else "")


# -- what is in the database ------------------------------------------------------------------------------------------


def rows(app: Flask) -> Rows:
    """Every row of every table but those that note what was tried."""
    return {table: each for table, each in every_row_but_traces(app).items() if table not in TRACES}


def _growth(before: Rows, after: Rows) -> dict[str, int]:
    return {table: len(after[table]) - len(before[table]) for table in sorted(after) if len(after[table]) != len(before[table])}


def _changed(before: Rows, after: Rows) -> str:
    return ", ".join(table for table in sorted(after) if after[table] != before[table])
