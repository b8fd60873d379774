"""What people look at: results that show themselves as widget, static HTML or text."""
