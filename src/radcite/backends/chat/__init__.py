"""The engines behind the port `ChatModel`."""
