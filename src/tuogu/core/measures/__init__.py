"""Figures by definition (S4-14…16, S4-40, N-16): numerator, denominator, period, filters; whole columns, no framework.

    definitions  a rulebook → every Measure: key, title, words of both sides, unit, period, filters, source
    periods      months, quarters, years; which months a cohort of development was allocated in
    tables       the schemas of what a branch's rooms hand in, and of what comes out
    grounds      inputs, a measure, a period → GROUND: one row for each thing counted, what it adds to either side
    figures      grounds summed by dimensions → FIGURES; a rate only at the edge
    allowances   a rate and counts → money by bands (S4-27, S4-28)

Never: a rate averaged from rates, a figure without its definition, a clock, a file, a person by name.
"""
