"""Composition: settings to parts, and the programs people start."""
