"""Small real classes that stand in for heavy ones."""
