"""JupyterLab's door. The room is ready; nothing lives here yet."""
