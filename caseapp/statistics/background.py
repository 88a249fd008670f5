"""Carrying work out while its asker does something else: a thread of the process that serves the pages.

This module answers: who computes a release that was asked for on a page? It promises that the work is done by the actions, as the person
who asked and with the rights they have when it is read and when it is stored; that whoever carries it out gives a sign of life until it
ends; that work which was called off stores nothing and stops at its next step; and that a failure is noted in a word that a page can say.

A thread and no queue: one release is made at a time, and a server that stops simply leaves the work silent, to be begun anew.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from functools import partial
from types import TracebackType

from sqlalchemy.exc import OperationalError

from caseapp.access import Actor, DamagedRow, Permission, Refused
from caseapp.accounts import actor_for
from caseapp.db import Database, bound_database, transaction
from caseapp.statistics import jobs, preparing
from caseapp.statistics.releases import CannotPublish
from caseapp.statistics.steps import WORDS, Progress, Step, nobody_waits

Runner = Callable[[Callable[[], None]], None]
"""Lets a piece of work be carried out, now or beside."""

_log = logging.getLogger(__name__)


class CalledOff(Exception):
    """Nobody wants the work any more."""


def beside(work: Callable[[], None]) -> None:
    """Carry it out in a thread of its own, which does not keep the process from ending."""
    threading.Thread(target=work, name="preparation", daemon=True).start()


def at_once(work: Callable[[], None]) -> None:
    """Carry it out now, in the same thread."""
    work()


def set_going(preparation_id: str, request_id: str, runner: Runner = beside) -> None:
    """Let the work be carried out on the database of the current context."""
    runner(partial(carry_out, bound_database(), preparation_id, request_id))


def carry_out(
    database: Database, preparation_id: str, request_id: str = "", *, beat: float = jobs.BEAT, tell: Progress = nobody_waits
) -> None:
    """Claim the work and see it through to its end. Does nothing where somebody else has it.

    `beat`: seconds between signs of life; `tell` is told each step as well, by whoever carries the work out in the foreground.
    """
    database.bind()
    claimed = jobs.claim(preparation_id)
    if claimed is None:
        return
    try:
        with Pulse(database, claimed.id, beat, tell) as pulse:
            material = preparing.read_material(_asker(claimed, request_id), claimed.quarter, pulse.note)
            made = preparing.compute(material, pulse.tell)
            pulse.tell(pulse.step)
            preparing.store(_asker(claimed, request_id), material, made, partial(jobs.close, claimed.id))
    except CalledOff:
        return
    except KeyboardInterrupt:
        jobs.fail(claimed.id, "interrupted")
        raise
    except CannotPublish as error:
        jobs.fail(claimed.id, error.reason, error.about)
    except Refused as refusal:
        jobs.fail(claimed.id, refusal.reason)
    except DamagedRow:
        jobs.fail(claimed.id, "damaged_row")
    except Exception:
        _log.exception("a quarter could not be prepared")
        jobs.fail(claimed.id, "program_error")


def _asker(claimed: jobs.Claim, request_id: str) -> Actor:
    """The person who asked, with the roles of this moment."""
    with transaction(reading=True):
        actor = actor_for(claimed.asked_by_id, request_id=request_id)
    if actor is None:
        raise Refused("not_permitted", Permission.PREPARE_STATISTICS)
    return actor


class Pulse:
    """Signs of life from a thread beside the work, so that they do not stop while it computes; and word that the work was called off.

    `note` takes the step the work is at; `tell` does so too, and raises CalledOff if nobody wants the work any more. Neither touches the
    database, which the work itself may hold at that moment.
    """

    def __init__(self, database: Database, preparation_id: str, beat: float, also: Progress) -> None:
        self.step = Step(WORDS[0])
        self._database, self._id, self._beat, self._also = database, preparation_id, beat, also
        self._ended, self._unwanted = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, name="pulse", daemon=True)

    def note(self, step: Step) -> None:
        """This is the step the work is at."""
        self.step = step
        self._also(step)

    def tell(self, step: Step) -> None:
        """This is the step the work is at; CalledOff if it need not be taken."""
        self.note(step)
        if self._unwanted.is_set():
            raise CalledOff

    def _run(self) -> None:
        self._database.bind()
        told: Step | None = None
        waited = 0.0
        while not self._ended.wait(min(1.0, self._beat)):
            waited += min(1.0, self._beat)
            if self.step == told and waited < self._beat:
                continue
            told, waited = self.step, 0.0
            try:
                if not jobs.give_sign_of_life(self._id, told):
                    self._unwanted.set()
                    return
            except OperationalError:  # somebody else has been writing for long: the next beat tries again
                _log.warning("a sign of life could not be given in time")

    def __enter__(self) -> Pulse:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._ended.set()
        self._thread.join()
