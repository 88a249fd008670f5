"""The pages of accounts: signing in, invitations, the own account, the settings and the log."""

from . import invitations, log, own_account, people, rule_sets, settings, signing_in
from .blueprint import blueprint

__all__ = ["blueprint", "invitations", "log", "own_account", "people", "rule_sets", "settings", "signing_in"]
