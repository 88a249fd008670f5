"""The keyholder: the only hands on keys.

Master key (a file of mode 0600) → case keys, one for each case, random, wrapped in the key store → compartment keys, one for
each (owner agency, information type) of a case, derived. Nobody else ever holds a master or case key; what is handed out
are sealers for exactly the compartments that were asked for, for one piece of work.

The key store is a database of its own, so that its back-ups can be short-lived: destroying a case key then erases the case
from older back-ups of the data as well. Who may ask for which compartments is decided above, by consent.
"""

from .keyring import Keyring, KeyringError, create_keyring, read_keyring
from .keystore import CompartmentKey, Keyholder, KeyRefused, WrongMasterKey

__all__ = ["CompartmentKey", "KeyRefused", "Keyholder", "Keyring", "KeyringError", "WrongMasterKey", "create_keyring", "read_keyring"]
