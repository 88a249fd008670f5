"""Documents (dokument): signed consents, letters and pictures that belong to a case.

The question answered here is "which files lie in the case, are they what they say they are, and who may open them?". Promised: what is
kept was taken apart and built anew from its content, by what it is and not by its name, without anything that runs, leads elsewhere or
tells where and by whom it was made; it lies sealed, piece by piece, in the compartment of whoever attached it, and never in a file of
its own. Not promised: that the words and pictures in it are harmless to read, and that a signature that a program once put into a PDF
can still be checked: what is kept is a copy.

This room knows case ids, not cases. Which documents a page of a case shows is put together in cases, as consents are.
"""
