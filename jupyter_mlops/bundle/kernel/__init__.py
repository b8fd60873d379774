"""The C function that adds up trees, and how it becomes the small libraries that bundles carry."""
