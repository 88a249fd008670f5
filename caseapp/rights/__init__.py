"""What may the young person and the custodians ask of us? An extract of what is kept about them, and that it is put right.

The extract (GDPR article 15) is made by the coordinator, from what the one door opens, for one person whose identity was checked, and
without what concerns others. A correction or an objection (article 16) stands beside what was recorded, wherever that is shown, and
changes nothing of it. Both are logged, and listed on the case. Not decided here: whether something must be withheld; a person judges
that, item by item, and the paper says which paragraph it rests on.
"""
