"""The keyholder: the only hands on keys.

Master key (a file of mode 0600, or a token it never leaves) → case keys, one for each case, random, wrapped in the key store →
compartment keys, one for each (owner agency, information type) of a case, derived. Nobody else ever holds a master or case key; what
is handed out are sealers for exactly the compartments that were asked for, for one piece of work.

The key store is a database of its own, so that its back-ups can be short-lived: destroying a case key then erases the case
from older back-ups of the data as well. Who may ask for which compartments is decided above, by consent.
"""

from .case_rotation import CaseRotation
from .keyring import Keyring, create_keyring, read_keyring
from .keystore import CompartmentKey, Keyholder
from .master import KeyringError, MasterKey, NoShares, UnknownVersion, master_key_of
from .master_rotation import MasterRotation
from .standing import KeyStanding, MasterVersion
from .wrapping import KeyRefused, WrongMasterKey

__all__ = [
    "CaseRotation",
    "CompartmentKey",
    "KeyRefused",
    "KeyStanding",
    "Keyholder",
    "Keyring",
    "KeyringError",
    "MasterKey",
    "MasterRotation",
    "MasterVersion",
    "NoShares",
    "UnknownVersion",
    "WrongMasterKey",
    "create_keyring",
    "master_key_of",
    "read_keyring",
]
