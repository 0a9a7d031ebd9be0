"""The search box of the top bar: one box for policies, people at work, codes, batches and customers."""
