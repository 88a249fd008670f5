"""Drafts (utkast): is anything that somebody typed ever lost? What is typed in a form about a case is kept until it is saved.

Promised: a draft is read by its author alone. It lies in a compartment of the case whose owner is that person, its key is derived
from who they are, and the key is handed out only while they take part in the open case and may still write where the form writes. It is
offered beside the form and never filled in by itself, ends in the transaction that carries the form out, is shown for thirty days,
and goes with the case's key. No list, search, extract, table or page about the case looks at it, because nothing of the record asks for
that compartment.

The log has one entry for each version that was kept (a script sends one some seconds after the last key, not one for each key),
one each time a draft was read, and one when it was thrown away, all under the permission `case.draft`: so every row that was written
stands in the log, and a reader of it tells a draft from what was recorded.

Not done here: forms that are about no case yet, such as the one that begins a case, for there is no case key to seal with.
"""
