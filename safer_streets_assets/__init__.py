"""Safer Streets assets: MOPAC's evaluation of Safer Streets as a Dagster asset graph."""

__version__ = "0.1.0"
