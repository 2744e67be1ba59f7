"""The pure domain: values, ports, errors, settings and the rules of grounding. Knows no engine."""
