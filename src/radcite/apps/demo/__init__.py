"""The demonstration: material that radcite makes itself, and one question of each kind."""
