"""What is kept: counted, saved, moved, forgotten, and brought back."""
