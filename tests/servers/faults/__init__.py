"""Faults on purpose: a proxy that spoils requests, nodes that are killed, and what is asked of Lexicart meanwhile."""
