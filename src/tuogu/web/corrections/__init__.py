"""Pages of the corrections (资料更正): return visits, the amendment register, signed batches, truthfulness.

`programmes` and `desk` are the return visits, `scripts` what callers say, `register` the amendments, `batches` and `road`
the lists on their way to IT, `truth` and `samples` the checks; `panel` is what another room's record shows of a customer.
"""
