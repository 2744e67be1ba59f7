"""PDF articles: one clean text whose every word knows its page and box, with title, tables, figures, references."""
