"""Market data from outside: the recorded history that the demo plays back as its oracle."""
