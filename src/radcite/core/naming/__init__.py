"""Names of people in running text, told from the words of medicine by lists, cues and counts."""
