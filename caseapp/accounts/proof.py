"""A fresh proof: some things are only done by a person who has given the second factor within the last minutes."""

from datetime import datetime

from caseapp.access import Actor, Refused, now

from .rules import is_fresh


def fresh_proof(actor: Actor, at: datetime) -> bool:
    """Whether the person gave the second factor within the five minutes before this moment."""
    return is_fresh(actor.proved_at, at)


def demand_fresh_proof(actor: Actor) -> None:
    """Raise Refused("step_up") unless the person has just given the second factor."""
    if not fresh_proof(actor, now()):
        raise Refused("step_up")
