"""Published lots: the record that is posted before and after a draw, how it grows, and what an outsider checks.

In: a list, the seeds of two parties or more. Out: one public JSON. Never: a real number in it (only pseudonyms of this
one draw), a seed revealed before all have committed, a draw that a single party decides.

`record` is the document, `acts` is how it grows, `check` finds what does not fit. `core.draw` holds the arithmetic;
`docs/lots.md` explains it to an outsider and `docs/verify_draw.py` checks it without any of this.
"""
