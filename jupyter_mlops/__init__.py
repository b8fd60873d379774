"""jupyter-mlops: from notebook cells to a verified, registered, served model."""
