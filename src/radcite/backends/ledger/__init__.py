"""The ledger in one SQLite file: the source of truth for everything that was ingested."""
