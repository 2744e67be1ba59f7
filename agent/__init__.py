"""The LangGraph agent: one node a file, and `graph.py` that wires them."""
