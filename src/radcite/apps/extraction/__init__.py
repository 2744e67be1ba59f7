"""Tables of values from many papers, each value with its quote."""
