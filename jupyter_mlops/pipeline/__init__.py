"""From a slice to a project of named steps. The room is ready; nothing lives here yet."""
