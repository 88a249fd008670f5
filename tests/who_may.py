"""Who is answered where: for each address of the application, who gets what it asked for, and whose form is taken.

Written by hand, from what each role is for; `tests/test_matrix.py` asks every address as everybody and compares. An address that
stands nowhere here fails there. Whoever is not named learns nothing, not even whether the thing exists.
"""

#: Who tries: a coordinator, a participant whom the consent covers, a police participant outside it, a unit manager, a statistician, a
#: log reviewer, the administrator, coordinator and police participant of another team, nobody.
EVERYBODY = ("karin", "lena", "pontus", "ulla", "stellan", "greta", "admin", "rasmus", "petra", "")
_SIGNED_IN = set(EVERYBODY) - {""}
_ANYBODY = set(EVERYBODY)
_IN_TEAMS = {"karin", "lena", "pontus", "rasmus", "petra"}
_COORDINATORS = {"karin", "rasmus"}
_ADMIN, _STATISTICIAN, _MANAGER = {"admin"}, {"stellan"}, {"ulla"}
_RELEASES = _STATISTICIAN | _MANAGER
#: In a case of the northern team; in one of the other team it is rasmus for karin and petra for lena and pontus.
PART = {"karin", "lena", "pontus"}
LEAD = {"karin"}
KEEP = {"karin", "ulla"}  # what is kept and erased
NOBODY: set[str] = set()

#: Endpoint → who is answered with what they asked for. Everybody else learns nothing, not even whether it is there.
MAY_GET: dict[str, set[str]] = {
    "program.accessibility": _ANYBODY,
    "program.healthz": _ANYBODY,
    "accounts.sign_in": _ANYBODY,
    "accounts.sign_in_code": NOBODY,  # only half-way through signing in
    "accounts.invitation": NOBODY,  # only with a token that was given to them
    "day.my_day": _SIGNED_IN,
    "accounts.account": _SIGNED_IN,
    "accounts.change_password": _SIGNED_IN,
    "reminders.choose": _SIGNED_IN,
    "accounts.prove": _SIGNED_IN,
    "accounts.still_here": _SIGNED_IN,
    "accounts.log": {"greta"},
    **dict.fromkeys(("settings", "municipality", "new_agency", "agency", "new_team", "team", "people", "invite_person", "person"), _ADMIN),
    "members.teams": _IN_TEAMS | _MANAGER,
    **dict.fromkeys(("members.leave_own", "members.absence_own"), _IN_TEAMS | _MANAGER),
    **{"members.leave": _MANAGER, "members.absence": _MANAGER, "members.move": _ADMIN},
    "members.appoint": NOBODY,  # only where no coordinator can open the case
    **{"cases.bias": PART, "cases.block_person": LEAD},
    **{"review.queue": {"greta"}, "review.numbers": {"greta"} | _MANAGER, "review.settings": _ADMIN},
    # no month of that world has ended, so nothing is chosen and nobody is asked; tests/review asks everybody about what is
    **dict.fromkeys(("review.item", "review.ask", "review.close", "review.question"), NOBODY),
    **dict.fromkeys(("rule_sets", "new_rule_set", "rule_set", "rule_set_versions"), _ADMIN),
    "cases.listing": _IN_TEAMS,
    "cases.search": _IN_TEAMS,
    "cases.new_case": _COORDINATORS,
    **dict.fromkeys(("importing.start", "importing.template"), _COORDINATORS),
    # only one's own list that is on its way, and nobody in that world has one; tests/importing asks about lists that are there
    **dict.fromkeys((f"importing.{name}" for name in ("sheet", "columns", "values", "check", "progress", "result")), NOBODY),
    "meetings.listing": _IN_TEAMS,
    "meetings.calendar": _IN_TEAMS,
    "meetings.feed": NOBODY,  # only with a secret address that was made for somebody
    "meetings.new": _COORDINATORS,
    "meetings.meeting": PART,
    "meetings.epoch": PART,
    "meetings.change": LEAD,
    "meetings.new_about": LEAD,
    "meetings.minutes": NOBODY,  # no meeting has been held in that world; tests/meetings reads them as those who may and may not
    "statistics.listing": _RELEASES,
    "statistics.overview": _RELEASES,
    "statistics.release": _RELEASES,
    "statistics.bundle": NOBODY,  # not before it is approved
    **{"statistics.outside": _RELEASES, "statistics.new_outside": _RELEASES, "statistics.outside_table": NOBODY},
    # no work goes on in that world; tests/statistics asks as those who may and may not
    **dict.fromkeys(("statistics.preparation", "statistics.preparation_step"), NOBODY),
    **dict.fromkeys(("cases.overview", "cases.epoch", "cases.notes", "cases.new_note", "cases.correct", "cases.participants"), PART),
    **dict.fromkeys(("rights.remarks", "rights.new_remark"), PART),
    **dict.fromkeys(("documents.listing", "documents.new_document", "documents.opened", "documents.remove"), PART),
    "cases.before_paper": NOBODY,  # only a paper by its name, which pages link to where an identity is protected
    **dict.fromkeys(("rights.extracts", "rights.new_extract", "rights.sheet"), LEAD),
    **dict.fromkeys(("cases.close", "cases.facts", "cases.history", "cases.new_related", "cases.readers"), LEAD),
    **{"consent.page": PART, "cases.related": LEAD, "cases.young_person": LEAD},
    **dict.fromkeys(("consent.ask", "consent.answers", "consent.paper", "consent.shared", "consent.withdraw"), LEAD),
    **dict.fromkeys(("plans.plan", "plans.commitment", "plans.edit_commitment", "plans.new_commitment", "plans.support"), PART),
    **dict.fromkeys(("plans.all_versions", "plans.changes", "plans.paper"), PART),
    **dict.fromkeys(("plans.fix", "plans.agreements", "plans.goal", "plans.head", "plans.excerpt", "cases.informed"), LEAD),
    **dict.fromkeys(("cases.disclosures", "cases.disclose", "cases.sharing", "cases.sharing_paper", "cases.share"), PART),
    **{"erasure.due": _COORDINATORS | _MANAGER, "erasure.hold": _MANAGER, "erasure.profile": _ADMIN},
    "emergency.begin": _IN_TEAMS,
    "emergency.reviews": _MANAGER,
    "emergency.review": NOBODY,  # only when somebody has opened a case
    **dict.fromkeys(("followup.mapping", "followup.follow_up"), PART),
    **dict.fromkeys(("followup.edit_mapping", "followup.new_measure", "followup.edit_measure"), LEAD),
}
MAY_GET |= {f"accounts.{name}": MAY_GET.pop(name) for name in list(MAY_GET) if "." not in name}
#: Who may send the form of an endpoint that answers no GET.
MAY_POST: dict[str, set[str]] = {
    "accounts.language": _ANYBODY,
    "accounts.sign_out": _ANYBODY,
    "accounts.sign_in_code": _ANYBODY,
    "accounts.invitation": _ANYBODY,
    **dict.fromkeys(("accounts.end_one_session", "accounts.end_other_sessions"), _SIGNED_IN),
    **dict.fromkeys(("accounts.new_calendar_address", "accounts.stop_calendar"), _SIGNED_IN),
    **dict.fromkeys(("accounts.disable_person", "accounts.enable_person", "accounts.end_sessions", "accounts.invite_again"), _ADMIN),
    **dict.fromkeys(("members.approve", "members.refuse", "members.confirm_absence", "members.refuse_absence"), _MANAGER),
    **{"members.end_absence": _IN_TEAMS | _MANAGER, "members.take_back": _ADMIN},
    "accounts.offer_rules": _ADMIN,
    "drafts.keep": _IN_TEAMS,  # in a case of their own, which the form's signed word names
    "drafts.throw_away": NOBODY,  # only one's own, and nobody in these cases has typed without saving
    "cases.number": PART,
    "importing.throw_away": NOBODY,  # only one's own
    "cases.change_person_reader": NOBODY,  # nobody in these cases has protected identity, so there is no list to change
    **dict.fromkeys(("cases.change_participant", "cases.end_related", "cases.return_related", "cases.reopen"), LEAD),
    **dict.fromkeys(("plans.done", "plans.undo", "cases.agree", "cases.revoke"), PART),
    **dict.fromkeys(("plans.drop_goal", "plans.restore_goal"), LEAD),
    **dict.fromkeys(("add_to_agenda", "call_off", "move_on_agenda", "save", "start", "take_off_agenda"), LEAD),
    **dict.fromkeys(("erasure.propose", "erasure.take_back"), KEEP) | dict.fromkeys(("erasure.approve", "erasure.lift_hold"), _MANAGER),
    "emergency.end": PART,
    **dict.fromkeys(("statistics.prepare", "statistics.withdraw"), _STATISTICIAN),
    **dict.fromkeys(("statistics.approve", "statistics.reject"), _MANAGER),
    # nothing was recorded in that world; tests/statistics asks as those who may and may not
    **dict.fromkeys(("statistics.approve_outside", "statistics.reject_outside"), NOBODY),
    "statistics.confirm_recall": _MANAGER,
    **dict.fromkeys(("statistics.ask_recall", "statistics.drop_recall"), _RELEASES),
    "statistics.cancel": NOBODY,  # no work goes on in that world
}
MAY_POST |= {f"meetings.{name}": MAY_POST.pop(name) for name in list(MAY_POST) if "." not in name}
#: What reads nothing about anybody, and is not in the log. The two that are asked each second tell a number (a refusal is logged).
READS_NOTHING = {
    "program.accessibility", "program.healthz", "accounts.sign_in", "accounts.sign_in_code", "accounts.still_here", "accounts.prove",
    "accounts.change_password", "accounts.new_agency", "cases.epoch", "cases.search", "emergency.begin", "meetings.epoch",
}  # fmt: skip
#: Who is in the other team what these are in the northern one.
STANDS_FOR = {"lena": {"petra"}, "pontus": {"petra"}, "karin": {"rasmus"}}
