"""A plain stack of the same packages beside the product: `python -m benchmarks.plain`."""
