"""Words that every room speaks: batches, cards, declarations, random streams, errors, files."""
