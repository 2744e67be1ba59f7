"""Linear readings of words: emergencies, orders to a reader, what is no name."""
