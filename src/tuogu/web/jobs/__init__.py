"""Pages of the jobs: one's own long work, its progress, cancelling it."""
