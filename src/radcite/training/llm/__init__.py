"""`radcite train llm`: causal language models that write claims from numbered evidence, or nothing."""
