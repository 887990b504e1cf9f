"""The exchange as a state machine: integers, no clock, no I/O, no randomness."""
