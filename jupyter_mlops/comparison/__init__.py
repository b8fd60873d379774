"""What runs differ in, and what led to them: read from what was recorded, without running any of it."""
