"""Performance monitoring beyond counts: how long stages take, when people leave, what goes with it.

What is computed of the linked cohort and the programme belongs here; counting it does not
(`disclosure`), and neither do scores (`attitudes`). `firth` and `product_limit` are plain
arithmetic on arrays.
"""
