"""Table specs, aggregates, protection, attacker; `core` knows nothing of this project."""
