"""What is owed to a customer and what was done: obligations become tasks, records of calls and visits meet them.

Other rooms use `actions` and `queries`. Who must do a task is who holds its subject: the ledger's to say.
"""
