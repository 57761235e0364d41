"""Tests of the disclosure library."""
