"""Promoted models: verification, versions, aliases, history."""
