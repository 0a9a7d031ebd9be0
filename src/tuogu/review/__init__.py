"""Work logs, inspection and what follows from it: every penalty is computed from facts that people filed (N-14).

logging      a person's daily log, with tomorrow's plan
owners       who owes a log, and who stands above
inspecting   checks of supervisors, team heads and departments; rechecks
lots         the department's sample, drawn by a lot that anyone can repeat
reporting    logs reported as falsified or irregular, confirmed by another person
facts        what penalties are computed from; receipts of policies are told by the room `cases`
judging      the penalty ledger: computed from the facts, told, appealed, decided
closing      the facts of a month that plans read
"""
