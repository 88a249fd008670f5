"""Agencies, teams and the people who sign in.

The questions answered here are "who is this, and which roles do they hold today?". A signed-in person leaves this package as
a plain `Actor`. What the roles may do is decided in access, what they may read in consent.
"""

from .directory import AgencyCard, Office, TeamCard, UserCard, actor_for, office

__all__ = ["AgencyCard", "Office", "TeamCard", "UserCard", "actor_for", "office"]
