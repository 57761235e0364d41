"""What can be found out from what is printed, by anybody or by somebody who is alone in a cell, and
which tables that is the fault of. Nothing here knows how it was chosen what to hide, and nothing is
imported from `suppression`: a mistake there cannot hide itself here.
"""
