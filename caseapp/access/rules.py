"""The access policy: permission → alternatives → conditions that all must hold. Pure.

Source: the process and roles of SIG and SSPF teams; SoL personal data act (2001:454) 10 § asks that access follows the task.
A condition looks at one `Question` and nothing else. Anything not in the table is refused.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from .actor import Actor

# Roles in a team
COORDINATOR, PARTICIPANT, UNIT_MANAGER = "coordinator", "participant", "unit_manager"
# Roles in the installation
ADMINISTRATOR, STATISTICIAN, LOG_REVIEWER = "administrator", "statistician", "log_reviewer"
#: Whoever runs a command on the server; nobody who signs in is that.
OPERATOR = "operator"

#: How long a case stays open to somebody who opened it in an emergency (nödöppning).
EMERGENCY_LASTS = timedelta(minutes=60)


def is_running(begun_at: datetime, ended_at: datetime | None, now: datetime) -> bool:
    """Whether an emergency opening that began then, and was ended by hand or not, still opens anything. At 60:00 it does not."""
    return ended_at is None and begun_at <= now < begun_at + EMERGENCY_LASTS


class Permission(StrEnum):
    """What can be asked for. The part before the dot is what it concerns."""

    SIGN_IN = "account.sign_in"
    OWN_ACCOUNT = "account.own"
    MANAGE_USERS = "users.manage"
    MANAGE_SETTINGS = "settings.manage"
    READ_LOG = "log.read"

    READ_MEMBERS = "members.read"
    OWN_MEMBERSHIP = "members.own"
    DECIDE_MEMBERS = "members.decide"

    LIST_CASES = "cases.list"
    SEARCH_CASES = "cases.search"
    CREATE_CASE = "cases.create"
    IMPORT_CASES = "cases.import"
    SWEEP_IMPORTS = "cases.sweep_imports"
    READ_CASE = "case.read"
    WRITE_CASE = "case.write"
    WRITE_NOTE = "case.note"
    READ_DOCUMENT = "case.read_document"
    WRITE_DOCUMENT = "case.document"
    REVEAL_NUMBER = "case.reveal_number"
    CLOSE_CASE = "case.close"
    MANAGE_PARTICIPANTS = "case.participants"
    DECLARE_BIAS = "case.bias"
    KEEP_DRAFT = "case.draft"
    READ_HISTORY = "case.history"
    MAKE_EXTRACT = "case.extract"
    BREAK_GLASS = "case.break_glass"
    END_EMERGENCY = "case.end_emergency"

    READ_CONSENT = "consent.read"
    MANAGE_CONSENT = "consent.manage"
    DISCLOSE = "consent.disclose"
    REGISTER_SHARING = "consent.share"

    READ_PLAN = "plan.read"
    WRITE_PLAN = "plan.write"
    REPORT_COMMITMENT = "plan.report"
    HAND_OUT_PLAN = "plan.hand_out"
    READ_FOLLOWUP = "followup.read"
    WRITE_FOLLOWUP = "followup.write"

    LIST_MEETINGS = "meetings.list"
    PLAN_MEETING = "meetings.plan"
    LEAD_MEETING = "meeting.lead"
    FETCH_CALENDAR = "meetings.calendar"
    READ_MINUTES = "case.minutes"

    READ_RETENTION = "retention.read"
    RUN_RETENTION = "retention.run"
    PROPOSE_ERASURE = "erasure.propose"
    APPROVE_ERASURE = "erasure.approve"
    HOLD_ERASURE = "erasure.hold"

    LIST_EMERGENCIES = "emergencies.list"
    REVIEW_EMERGENCY = "emergency.review"
    READ_REVIEW = "review.read"
    SELECT_REVIEW = "review.select"
    COMPARE_NAMES = "review.compare_names"
    HANDLE_REVIEW = "review.handle"
    ANSWER_REVIEW = "review.answer"
    READ_REVIEW_NUMBERS = "review.numbers"

    READ_STATISTICS = "statistics.read"
    SEND_REMINDERS = "reminders.send"
    PREPARE_STATISTICS = "statistics.prepare"
    APPROVE_STATISTICS = "statistics.approve"
    ROUND_STATISTICS = "statistics.round"


@dataclass(frozen=True)
class Question:
    """May `actor` do it here? The case's facts are None/False when the question is not about a case.

    `acts_for`: whose part in the case it is, where the actor takes part as a stand-in alone; "" otherwise.
    `broke_glass`: an emergency opening of this person's own is running in the case.
    """

    actor: Actor
    team_id: str | None = None
    takes_part: bool = False
    blocked: bool = False
    protected: bool = False
    named_reader: bool = False
    acts_for: str = ""
    broke_glass: bool = False


Condition = Callable[[Question], bool]


def signed_in(question: Question) -> bool:
    return bool(question.actor.user_id)


def _has_role(role: str) -> Condition:
    def condition(question: Question) -> bool:
        return role in question.actor.roles

    return condition


def at_the_terminal(question: Question) -> bool:
    return OPERATOR in question.actor.roles and not question.actor.user_id


def _role_in_this_team(*roles: str) -> Condition:
    def condition(question: Question) -> bool:
        held = question.actor.teams.get(question.team_id or "", frozenset())
        return any(role in held for role in roles)

    return condition


def _role_in_some_team(*roles: str) -> Condition:
    def condition(question: Question) -> bool:
        return any(role in held for held in question.actor.teams.values() for role in roles)

    return condition


def takes_part(question: Question) -> bool:
    return question.takes_part


def not_blocked(question: Question) -> bool:
    return not question.blocked


def may_know_protected(question: Question) -> bool:
    return question.named_reader or not question.protected


def broke_glass(question: Question) -> bool:
    return question.broke_glass


def did_not_break_glass(question: Question) -> bool:
    return not question.broke_glass


_may_come_near = (_role_in_this_team(COORDINATOR, PARTICIPANT), not_blocked, may_know_protected)
_case_worker = (*_may_come_near, takes_part, did_not_break_glass)
_case_coordinator = (_role_in_this_team(COORDINATOR), takes_part, not_blocked, may_know_protected, did_not_break_glass)
#: To read: who takes part, and whoever opened the case in an emergency. Meanwhile that person does nothing in the case but read.
_reading = ((*_may_come_near, takes_part), (*_may_come_near, broke_glass))
_team_worker = (_role_in_some_team(COORDINATOR, PARTICIPANT),)
_record_keeper = (_role_in_this_team(COORDINATOR, UNIT_MANAGER), not_blocked, did_not_break_glass)
_unit_manager_here = (_role_in_this_team(UNIT_MANAGER), not_blocked)

POLICY: Mapping[Permission, tuple[tuple[Condition, ...], ...]] = {
    Permission.SIGN_IN: ((),),
    Permission.OWN_ACCOUNT: ((signed_in,),),
    Permission.MANAGE_USERS: ((_has_role(ADMINISTRATOR),),),
    Permission.MANAGE_SETTINGS: ((_has_role(ADMINISTRATOR),),),
    Permission.READ_LOG: ((_has_role(LOG_REVIEWER),),),
    Permission.READ_MEMBERS: ((_role_in_some_team(COORDINATOR, PARTICIPANT, UNIT_MANAGER),),),
    Permission.OWN_MEMBERSHIP: ((_role_in_this_team(COORDINATOR, PARTICIPANT, UNIT_MANAGER),),),
    Permission.DECIDE_MEMBERS: ((_role_in_this_team(UNIT_MANAGER),),),
    Permission.LIST_CASES: (_team_worker,),
    Permission.SEARCH_CASES: (_team_worker,),
    Permission.CREATE_CASE: ((_role_in_this_team(COORDINATOR),),),
    Permission.IMPORT_CASES: ((_role_in_this_team(COORDINATOR),),),
    Permission.SWEEP_IMPORTS: ((at_the_terminal,),),
    Permission.READ_CASE: _reading,
    Permission.WRITE_CASE: (_case_coordinator,),
    Permission.WRITE_NOTE: (_case_worker,),
    Permission.READ_DOCUMENT: _reading,
    Permission.WRITE_DOCUMENT: (_case_worker,),
    Permission.REVEAL_NUMBER: _reading,
    Permission.CLOSE_CASE: (_case_coordinator,),
    Permission.MANAGE_PARTICIPANTS: (_case_coordinator,),
    Permission.DECLARE_BIAS: (_case_worker,),
    Permission.KEEP_DRAFT: (_case_worker,),
    Permission.READ_HISTORY: (_case_coordinator,),
    Permission.MAKE_EXTRACT: (_case_coordinator,),
    Permission.BREAK_GLASS: (_may_come_near,),
    Permission.END_EMERGENCY: (_may_come_near,),
    Permission.READ_CONSENT: _reading,
    Permission.MANAGE_CONSENT: (_case_coordinator,),
    Permission.DISCLOSE: (_case_worker,),
    Permission.REGISTER_SHARING: (_case_worker,),
    Permission.READ_PLAN: _reading,
    Permission.WRITE_PLAN: (_case_coordinator,),
    Permission.REPORT_COMMITMENT: (_case_worker,),
    Permission.HAND_OUT_PLAN: (_case_coordinator,),
    Permission.READ_FOLLOWUP: _reading,
    Permission.WRITE_FOLLOWUP: (_case_coordinator,),
    Permission.LIST_MEETINGS: (_team_worker,),
    Permission.PLAN_MEETING: ((_role_in_this_team(COORDINATOR),),),
    Permission.LEAD_MEETING: ((_role_in_this_team(COORDINATOR),),),
    Permission.FETCH_CALENDAR: ((signed_in,),),
    Permission.READ_MINUTES: _reading,
    Permission.READ_RETENTION: ((_role_in_some_team(COORDINATOR, UNIT_MANAGER),),),
    Permission.RUN_RETENTION: ((at_the_terminal,),),
    Permission.PROPOSE_ERASURE: (_record_keeper,),
    Permission.APPROVE_ERASURE: ((*_unit_manager_here, did_not_break_glass),),
    Permission.HOLD_ERASURE: ((*_unit_manager_here, did_not_break_glass),),
    Permission.LIST_EMERGENCIES: ((_role_in_some_team(UNIT_MANAGER),),),
    Permission.REVIEW_EMERGENCY: (_unit_manager_here,),
    Permission.READ_REVIEW: ((_has_role(LOG_REVIEWER),),),
    Permission.SELECT_REVIEW: ((_has_role(LOG_REVIEWER),), (at_the_terminal,)),
    Permission.COMPARE_NAMES: ((_has_role(LOG_REVIEWER),), (at_the_terminal,)),
    Permission.HANDLE_REVIEW: ((_has_role(LOG_REVIEWER),),),
    Permission.ANSWER_REVIEW: ((signed_in,),),
    Permission.READ_REVIEW_NUMBERS: ((_has_role(LOG_REVIEWER),), (_role_in_some_team(UNIT_MANAGER),)),
    Permission.READ_STATISTICS: ((_has_role(STATISTICIAN),), (_role_in_some_team(UNIT_MANAGER),)),
    Permission.SEND_REMINDERS: ((at_the_terminal,),),
    Permission.PREPARE_STATISTICS: ((_has_role(STATISTICIAN),),),
    Permission.APPROVE_STATISTICS: ((_role_in_some_team(UNIT_MANAGER),),),
    Permission.ROUND_STATISTICS: ((at_the_terminal,),),
}

#: Which word of the log (code list AuditAction) a permission is written under.
LOGGED_AS: Mapping[Permission, str] = {
    Permission.SIGN_IN: "login",
    Permission.SEARCH_CASES: "search",
    Permission.CREATE_CASE: "create",
    Permission.IMPORT_CASES: "update",
    Permission.SWEEP_IMPORTS: "delete",
    Permission.WRITE_CASE: "update",
    Permission.WRITE_NOTE: "create",
    Permission.WRITE_DOCUMENT: "create",
    Permission.CLOSE_CASE: "update",
    Permission.MANAGE_PARTICIPANTS: "update",
    Permission.MAKE_EXTRACT: "print",
    Permission.DECLARE_BIAS: "update",
    Permission.KEEP_DRAFT: "update",
    Permission.OWN_MEMBERSHIP: "update",
    Permission.DECIDE_MEMBERS: "update",
    Permission.BREAK_GLASS: "break_glass",
    Permission.END_EMERGENCY: "break_glass",
    Permission.MANAGE_CONSENT: "update",
    Permission.DISCLOSE: "update",
    Permission.REGISTER_SHARING: "disclose",
    Permission.WRITE_PLAN: "update",
    Permission.REPORT_COMMITMENT: "update",
    Permission.HAND_OUT_PLAN: "disclose",
    Permission.WRITE_FOLLOWUP: "update",
    Permission.PLAN_MEETING: "update",
    Permission.LEAD_MEETING: "update",
    Permission.RUN_RETENTION: "purge",
    Permission.PROPOSE_ERASURE: "update",
    Permission.APPROVE_ERASURE: "update",
    Permission.HOLD_ERASURE: "update",
    Permission.REVIEW_EMERGENCY: "update",
    Permission.SELECT_REVIEW: "create",
    Permission.HANDLE_REVIEW: "update",
    Permission.ANSWER_REVIEW: "update",
    Permission.MANAGE_USERS: "update",
    Permission.MANAGE_SETTINGS: "update",
    Permission.PREPARE_STATISTICS: "export",
    Permission.APPROVE_STATISTICS: "export",
    Permission.ROUND_STATISTICS: "export",
}

#: Permissions whose refusal is answered as if the thing did not exist: not found and not yours look the same.
CONCERNS_ONE_CASE = frozenset(
    p for p in Permission if p.value.split(".")[0] in {"case", "consent", "plan", "followup", "erasure", "emergency"}
)

#: The same for a team somebody does not decide about.
ANSWERED_AS_MISSING = CONCERNS_ONE_CASE | {Permission.OWN_MEMBERSHIP, Permission.DECIDE_MEMBERS}


def why_refused(permission: Permission, question: Question) -> str | None:
    """None if the policy allows it, otherwise a reason code."""
    if _is_allowed(permission, question):
        return None
    if not question.actor.user_id:
        return "not_signed_in"
    if question.blocked:
        return "blocked"
    if question.protected and not question.named_reader:
        return "protected_identity"
    if question.broke_glass and _is_allowed(Permission.READ_CASE, question):
        return "only_reading"
    return "not_permitted"


def _is_allowed(permission: Permission, question: Question) -> bool:
    return any(all(condition(question) for condition in conditions) for conditions in POLICY.get(permission, ()))


def may_ever(actor: Actor, permission: Permission) -> bool:
    """Whether some case or team exists for which the policy could allow it. For menus only: it opens nothing."""
    teams: list[str | None] = [*actor.teams] or [None]
    return any(why_refused(permission, Question(actor, team_id=team, takes_part=True)) is None for team in teams)
