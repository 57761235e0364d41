"""The workbook of a release, as XLSX and as ODS, from the printed tables and nothing else.

What a table does not print cannot be in it: nothing here reads a store. `parts.py` says what a
workbook is made of, `xlsx.py` and `ods.py` write one; the other workbooks of the product, such as
that of the registers, are written by the same hand. `table_sheets.py` and `contents.py` say what is
in the one of a release. What the unit alone may see does not belong here.

gptables 2.0 was tried and not taken: it writes no ODS and no frozen panes, marks no heading with a
style, gives the document no language, stamps the time of day into the file, and leaves empty rows
above a table. Of the libraries for ODS, odfdo 3.27 takes 5.4 s for 20,000 cells and odfpy 1.4 (of
2020) 1.2 s, and neither gives the same bytes twice; plain XML takes 0.1 s.
"""
