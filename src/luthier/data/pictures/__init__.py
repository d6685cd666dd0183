"""Pictures in folders and archives: listed, decoded, cached."""
