"""The bilingual term file."""
