"""The engines behind the port `Index`."""
