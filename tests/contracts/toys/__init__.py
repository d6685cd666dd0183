"""Toy tricks and a toy sampler, each written against the public contract alone, to prove that the contract suffices."""
