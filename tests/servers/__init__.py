"""Servers that tests start, and stores on them."""
