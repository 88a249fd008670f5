"""Keeping an installation well: its keys, its back-ups, and whether what it promises still holds.

The question answered here is "what does whoever runs this do from a terminal, and what does the program say about itself?".
Everything here works on the installation as a whole and shows nothing that was sealed; what copies, erases or brings back is
written to the log like any other work. It decides nothing about who may read what: that is access and consent.
"""
