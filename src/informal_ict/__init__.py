"""The package behind the course module."""
