"""Files to de-identified, addressed sources to the index."""
