"""How the C function that adds up trees becomes the small libraries that bundles carry."""
