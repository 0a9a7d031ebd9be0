"""Pages of the auditable lots (N-05): draws, one draw with what is public of it, opening, committing, revealing.

`showing` reads, `opening` announces a list, `acting` is what a party does, `secret` is the file that a party keeps.
"""
