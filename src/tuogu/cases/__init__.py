"""Cases: what runs through several hands and must end: service flow and card, policies that are hard, difficult, lapsed,
dispatched or under inquiry, papers for the counter, hand-over; and receipts of what was released.

Other rooms use `actions` and `queries`. What may follow what stands in `core.machines`; pages, actions and the database ask
it.
"""
