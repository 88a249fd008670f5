"""Coming from Excel: how does a team's list become cases, once, without anything of it staying behind?

The question answered here is "what will this list become, and is that what we want?". A file is taken in memory, its columns and words
are matched to what a case is made of, every row is looked through, and nothing is saved before the coordinator has seen what it will
be. Saving is the ordinary starting of a case, row by row: the same permission, log and seals.

Promised: the file is never written anywhere but sealed in the database, under a key of its own that is destroyed at the end, or after a
day; a hit in the register tells no more than the page of a new case does; a whole file is saved whole or not at all; within a week the
cases that nobody has worked on since can be taken back. Not promised: that what stood in the list is true, or that a consent in it
holds: the paper is what counts, and it is looked at by a person.
"""
