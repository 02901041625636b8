"""The search backend of one machine: a folder a build, tantivy for the texts, SQLite and numpy for the rest."""

from indexes.embedded.index import EmbeddedIndex

__all__ = ["EmbeddedIndex"]
