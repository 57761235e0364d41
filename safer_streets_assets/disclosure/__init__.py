"""Table specs, aggregates, protection and attacker; `core` is the part that knows nothing of this project."""
