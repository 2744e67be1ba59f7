"""Reports as documents that leave radcite."""
