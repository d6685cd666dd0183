"""Search of a better recipe."""
