"""The parts of a tuning study's page, each from the study's ledger."""
