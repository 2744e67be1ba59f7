"""`radcite train clip`: open_clip models by contrast."""
