"""Where data come from: the named sets, files of arrays, arrays in memory, sequences."""
