"""Commands of the command line, one noun a module."""
