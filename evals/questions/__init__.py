"""Question sets: exams, yes-or-no, factoid, list and summary questions, each defined by a YAML file."""
