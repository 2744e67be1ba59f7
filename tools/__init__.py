"""What the agent may call: a typed request in, hits out. Knows ports only."""
