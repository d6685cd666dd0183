"""From the bytes of picture files to pixels; nothing here needs PyTorch, so that decoding processes start at once."""
