"""What every connector promises, and the proof that each promise is really looked at."""
