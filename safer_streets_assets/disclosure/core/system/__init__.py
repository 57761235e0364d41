"""The linear system behind all tables of all releases, and the whole tables that agree with it:
found by the solver, checked by addition. What suppressor and attacker must mean alike is here. What
to hide, and what can be found out, is not decided here.
"""
