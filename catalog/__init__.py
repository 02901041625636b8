"""What does a supplier send? Readers, the record of products, and the change log."""
