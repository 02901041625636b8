"""Open sequence-to-sequence checkpoints: MarianMT (OPUS-MT), M2M100, NLLB, MADLAD."""
