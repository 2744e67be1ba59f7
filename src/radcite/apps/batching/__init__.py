"""Questions by the thousand."""
