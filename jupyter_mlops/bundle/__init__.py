"""From a registered version to a folder that serves it anywhere."""
