"""The generated parts of the docs, made from the code, the definitions and the policy.

What is here reads no data folder and prints nothing: it gives texts, and `safer-streets docs` says
what became of them. Pages that somebody writes by hand lie in `docs/` and have no module here.
"""
