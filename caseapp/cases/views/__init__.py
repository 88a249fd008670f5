"""The pages of a case, a file for each idea; importing this package puts all of them on the blueprint.

A view asks an action and shows what it gave. A form that cannot be saved comes back with what was typed.
"""

from . import case, listing, new_case, notes, participants, people, printing, sharing
from .page import blueprint

__all__ = ["blueprint", "case", "listing", "new_case", "notes", "participants", "people", "printing", "sharing"]
