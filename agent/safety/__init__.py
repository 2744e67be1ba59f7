"""Rules and fixed, versioned texts that come before any model."""
