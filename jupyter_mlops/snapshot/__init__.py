"""Values to digests, and the store that keeps each value once."""
