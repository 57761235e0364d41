"""The briefing of a release, as DOCX, as ODT and as five slides, from its printed tables only.

What a table does not print cannot be in it: nothing here reads a store. `contents.py` says what is
in it, in the report's own sentences and pictures; the other modules write it. python-docx 1.2 and
python-pptx 1.0 (both MIT, wheels of 0.3 and 0.5 MB, on lxml and Pillow) say all that a reader with
a screen reader needs: headings, alternative texts, header rows, title and language. Each stamps the
time of day into its archive and brings a template with a thumbnail of it: `archives.py` and the
writers take both out. odfdo 3.27 gives other bytes each time, so the ODT is plain XML.
"""
