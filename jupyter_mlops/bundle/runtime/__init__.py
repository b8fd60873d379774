"""The server that is copied into every bundle. It imports nothing of this package."""
