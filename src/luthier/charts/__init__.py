"""Numbers in, pictures out; a chart knows no run."""
