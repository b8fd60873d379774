"""What led to what: cell records, the slice behind a result, and its replay in a clean process."""
