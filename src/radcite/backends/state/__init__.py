"""What a served radcite keeps: audit record, users, threads, reviews, vault; in SQLite or PostgreSQL."""
