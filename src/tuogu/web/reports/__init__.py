"""Pages of reports: by their names, as issued, every figure with its rows, frozen months, what goes by mail."""
