"""The blueprint of the meetings' pages, and the way back to the one at hand."""

from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, url_for

blueprint = Blueprint("meetings", "caseapp.meetings")


def to_meeting(meeting_id: UUID, anchor: str | None = None) -> Any:
    """Off to the meeting's page, to this place on it."""
    return redirect(url_for("meetings.meeting", meeting_id=meeting_id, _anchor=anchor), code=303)
