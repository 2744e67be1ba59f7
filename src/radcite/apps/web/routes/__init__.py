"""The routes of the web service, a subject a file."""
