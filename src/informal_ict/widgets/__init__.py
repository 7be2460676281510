"""Widgets for the book. They use jslink only, so they live in the static page without a kernel."""
