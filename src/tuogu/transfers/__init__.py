"""Transfers asked for by hand: chosen policies to another custodian, by two people, in one batch that two can take back.

Other rooms use `actions` and `queries`. A request freezes what was chosen, row by row: the filter that found the rows is
told, never applied again. It is a room of its own because it is an act of its own: no plan, no draft, no certificate.
"""
