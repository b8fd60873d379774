"""The only door to MLflow runs: from the journal to runs, and back to tables."""
