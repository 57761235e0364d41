"""Charts of a release: each made from one printed table and nothing else, as SVG, as PNG and as a
page.

What a table does not print cannot be in its chart: nothing here reads a store.

They are drawn by the pen of `svg.py`. Altair 6.3 with vl-convert 1.9 gives the same bytes in every
process, too, and was not taken: its SVG has no title, no description and no role for the picture
(the chart's description is left out), it has no hatching, so that neighbours differ by colour
alone, and it cuts labels where these break into lines. It would add a library of 84 MB, and takes
0.6 s for a first picture of 12 kB that takes 0.1 s and 9 kB here.
"""
