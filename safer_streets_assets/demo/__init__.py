"""Invented drops: a landing folder like the agencies', with every untidiness and a known truth.

What invents data for trials and tests belongs here. Nothing here reads real data, and no stage of
the pipeline takes its data from here.
"""
