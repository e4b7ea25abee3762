"""What the driver is shown of the world, and what the trace keeps of it."""
