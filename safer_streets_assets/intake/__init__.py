"""Intake: what arrives, from the landing folder to the raw tables (ledger, readers, quarantine)."""
