"""What the agent remembers is read back as known types alone."""

import os

__all__ = ["remember_strictly"]


def remember_strictly() -> None:
    """Called before the agent is imported: LangGraph reads the variable once, at its import."""
    os.environ["LANGGRAPH_STRICT_MSGPACK"] = "true"
