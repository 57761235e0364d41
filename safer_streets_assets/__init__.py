"""Safer Streets assets: MOPAC's evaluation of the Safer Streets programme as a Dagster asset graph."""

__version__ = "0.1.0"
