"""What the source says: source files to `App` (deployments with timelines)."""
