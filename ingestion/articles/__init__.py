"""Articles as marked-up text, and what of an article is no evidence."""
