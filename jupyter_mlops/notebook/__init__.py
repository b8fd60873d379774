"""The only door to IPython: hooks, recorder, journal."""
