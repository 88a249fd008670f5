"""Statistics: from sealed records to the only thing that leaves the house, a quarter of anonymised tables.

This room answers the five questions of individual-based follow-up with counts: who the young people are, which interventions were
used, what came of it, whether needs were met, how it was experienced. It promises that identity stops at the counting (`counting`),
that a table is as coarse as the number of people behind it demands (`rules`), that everything printed went through
`caseapp.disclosure` together with all earlier quarters, and that the files are the same bytes every time (`bundle`, `workbook`). Shares,
medians and the municipality's own page of the five questions follow from printed numbers alone (`derived`, `overview`).

It gives no row about a person, no ad-hoc query and no number that is not in the year's table plan (`plan`).
Source: the grant follow-up's own tables, and the disclosure design described in `caseapp.disclosure`.
"""
