"""Statistics on two frames: effect sizes, p-values, verdicts."""
