"""Who looked at whose personal data, when and why: append-only rows in the side database."""
