"""Translation engines, one a module."""
