"""Pages and pictures of runs and studies; they read files, and change nothing."""
