"""Serving with scikit-learn itself: for models that were not compiled."""
