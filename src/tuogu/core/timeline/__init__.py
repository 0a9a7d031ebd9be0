"""What is owed to customers and by when: duties as data, evaluated for a whole book by whole-column work.

    obligations  sections of a rulebook → Obligation
    anchors      from which day a duty counts, for every case at once
    occurrences  cases, events, duties, a period → OCCURRENCES: every duty that opens in it
    meeting      occurrences, evidence, a day → STANDING: met, open or late
    coverage     standing, who holds what → shares for each person, and who is missing
    working      working days of China, by the column

In: tables and values. Out: tables. Never: a clock, a file, a person (who must do it is who holds the subject).
"""
