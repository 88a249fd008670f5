"""Everything a person does about teams, gathered for the pages and the demonstration; each part has a file of its own."""

from .absences import LeaveCard, LeavePage, confirm_leave, end_leave, read_leave_form, refuse_leave, take_leave
from .leaving import CaseToHandOver, LeavingPage, MovingPage, NotHandedOver, leave_team, move_agency, read_leaving, read_moving
from .proposing import (
    ProposalCard,
    approve_proposal,
    change_member,
    invite_member,
    proposals_about,
    propose,
    propose_roles,
    refuse_proposal,
    take_back_proposal,
)
from .teams import LoneCase, TeamPage, appoint, read_lone_case, read_teams

__all__ = [
    "CaseToHandOver", "LeaveCard", "LeavePage", "LeavingPage", "LoneCase", "MovingPage", "NotHandedOver", "ProposalCard", "TeamPage",
    "appoint", "approve_proposal", "change_member", "confirm_leave", "end_leave", "invite_member", "leave_team", "move_agency",
    "proposals_about", "propose", "propose_roles", "read_leave_form", "read_leaving", "read_lone_case", "read_moving", "read_teams",
    "refuse_leave",
    "refuse_proposal", "take_back_proposal", "take_leave",
]  # fmt: skip
