"""The parts under test, behind the callables that the evals grade."""
