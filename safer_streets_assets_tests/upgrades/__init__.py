"""Data folders of earlier versions, and what becomes of them."""
