"""What all other folders use: batches, cards, declarations, random streams, errors, files."""
