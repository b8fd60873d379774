"""What a person can ask for: one file a verb, start to end."""
