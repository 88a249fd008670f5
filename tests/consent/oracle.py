"""A second opinion on who may read: written from the rule in words, in another style, and without a line of the application.

The rule: yes if the user is active, a member of the team, takes part in the case, is not blocked, and the role permits it, **and**
the item is the own agency's, **or** an active consent (or another ground) covers agency, owner and type. Protected identity adds a
named list. Who has opened the case in an emergency counts as taking part, reads everything, alone, and does nothing but read. A fact is
a word in a set, and every obstacle is looked for and struck off by itself.
"""

from itertools import product

GATE_FACTS = ("signed_in", "in_team", "takes_part", "blocked", "protected", "named", "broke_glass")

#: What each role of a team may do with a case it works in, by hand.
EVERY_WORKER = ("case.read", "case.note", "case.reveal_number", "consent.read", "plan.read", "plan.report", "followup.read")
ONLY_COORDINATOR = ("case.write", "case.close", "case.participants", "case.history", "case.extract", "consent.manage", "plan.write",
                    "followup.write")  # fmt: skip
EVERY_WORKER += ("consent.disclose", "consent.share", "case.bias", "case.document", "case.read_document", "case.minutes", "case.draft")
ONLY_COORDINATOR += ("plan.hand_out",)
ROLES_THAT_MAY = dict.fromkeys(EVERY_WORKER, ("coordinator", "participant")) | dict.fromkeys(ONLY_COORDINATOR, ("coordinator",))


ROLES_THAT_MAY |= dict.fromkeys(("case.break_glass", "case.end_emergency"), ("coordinator", "participant"))
#: All that is left to somebody in an emergency.
IN_EMERGENCY = {"case.read", "case.reveal_number", "consent.read", "plan.read", "followup.read", "case.break_glass", "case.end_emergency"}
IN_EMERGENCY |= {"case.read_document", "case.minutes"}
#: What does not ask whether anybody takes part.
FROM_OUTSIDE = {"case.break_glass", "case.end_emergency"}


def gate_answer(permission: str, role: str, facts: set[str]) -> str:
    """ "yes", or the reason that outranks the others."""
    obstacles = set()
    if "signed_in" not in facts:
        obstacles.add("1 not_signed_in")
    if "blocked" in facts:
        obstacles.add("2 blocked")
    if {"protected"} == facts & {"protected", "named"}:
        obstacles.add("3 protected_identity")
    works_here = "in_team" in facts and role in ("coordinator", "participant")
    if "broke_glass" in facts and works_here and permission not in IN_EMERGENCY:
        obstacles.add("4 only_reading")
    is_near = permission in FROM_OUTSIDE or facts & {"takes_part", "broke_glass"}
    if not works_here or not is_near or role not in ROLES_THAT_MAY[permission]:
        obstacles.add("5 not_permitted")
    return min(obstacles).split()[1] if obstacles else "yes"


def every_set_of_facts() -> list[set[str]]:
    """All combinations of the facts at the gate."""
    return [{fact for fact, holds in zip(GATE_FACTS, chosen, strict=True) if holds} for chosen in product((0, 1), repeat=len(GATE_FACTS))]


#: Where a day lies against a period: whether the period has begun, and whether it is over.
PERIODS = {
    "not begun": (False, False),
    "first day": (True, False),
    "inside": (True, False),
    "last day": (True, False),
    "only day": (True, False),
    "over": (True, True),
}


def consent_answer(signatures: tuple[str, ...], marks: set[str], period: str) -> str:
    """The state of a consent whose every signature is required, told as a list of what outranks what."""
    over = PERIODS[period][1]
    ranked = [
        ("withdrawn", "withdrawn" in marks),
        ("superseded", "superseded" in marks),
        ("draft", "draft" in marks),
        ("declined", signatures.count("declined") > 0),
        ("expired", over),
        ("pending", signatures.count("awaited") > 0 or signatures.count("given") == 0),
        ("active", True),
    ]
    return next(state for state, so in ranked if so)


def compartment_answer(reader: str, owner: str, kind: str, grounds: list[dict], who: str = "") -> tuple[str, set[str]]:
    """(class of the answer, ids of the grounds that open it). A ground: id, kind, state, period, from (owners), to, types, person.

    Classes: "own", "opened", "outside" (a consent holds, but covers something else), "not in force", "nothing". `who` reads, if it is
    one person alone; a ground with a person is there for nobody else. Only consents explain why something is shut: a decision to disclose
    speaks of what it opens and of nothing else.
    """
    if reader == owner:
        return "own", set()
    grounds = [one for one in grounds if not one.get("person") or one["person"] == who]
    in_force = [one for one in grounds if one["state"] == "active" and PERIODS[one["period"]] == (True, False)]
    opening = {
        one["id"] for one in in_force for a, b, c in product(one["from"], one["to"], one["types"]) if (a, b, c) == (owner, reader, kind)
    }
    if opening:
        return "opened", opening
    consents = [one for one in grounds if one["kind"] == "consent"]
    if any(one in in_force for one in consents):
        return "outside", set()
    return ("not in force" if any(one["state"] != "superseded" for one in consents) else "nothing"), set()


def disclosure_opens(decision: dict, reader: str, owner: str, kind: str) -> bool:
    """Whether a decision to disclose opens this for this reader: signed by as many as it takes, not taken back, in its days, and only from
    the one agency it is from to the one agency it is to. A decision: deciders asked, deciders so far, taken back, period, from, to, types.
    """
    signed_and_standing = decision["so far"] >= decision["asked"] and not decision["taken back"]
    return signed_and_standing and PERIODS[decision["period"]] == (True, False) and (owner, reader) == (
        decision["from"], decision["to"]
    ) and kind in decision["types"]
