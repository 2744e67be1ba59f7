"""`radcite train image`: the image tower that the package carries, its text map and its labels."""
