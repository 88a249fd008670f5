"""The pages of meetings: the list and the calendar, planning one, the shared screen, the record, and what a calendar program fetches."""

from . import agenda, calendar, meeting
from .page import blueprint

__all__ = ["agenda", "blueprint", "calendar", "meeting"]
