"""Steady Work: a second evaluation, which is invented, with a policy folder of its own."""
