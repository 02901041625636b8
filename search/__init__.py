"""What did the buyer mean? Planning, legs, fusion, evaluation, the gate."""
