"""Shipped data: the region code book (Parquet) and the rulebooks (TOML). Reading only; nothing is computed here."""
