"""Pictures of what runs and studies came to; they read, and change nothing."""
