def importance(known, distributions):
    return []
