"""De-identification at the door: keys and pseudonyms, headers by profile, what only running text holds."""
