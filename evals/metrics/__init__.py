"""Scores of answers, of probabilities, of citations and of chest reports."""
