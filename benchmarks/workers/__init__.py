"""Scripts that run in a fresh process each: one side of a comparison, one repetition."""
