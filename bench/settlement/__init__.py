"""What settlement costs: the adapter against the bare chain."""
