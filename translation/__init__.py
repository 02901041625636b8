"""How does a text get into fifteen languages? Facts, terms, memory, engines, the batch."""
