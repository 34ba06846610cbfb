"""The whole path on two synthetic performers, and a page that shows it."""
