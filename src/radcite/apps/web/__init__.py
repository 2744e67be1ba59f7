"""The web service: `radcite serve`."""
