"""The rights of data subjects: access to what is held on them, and objections.

What finds, explains and seals the data of one data subject belongs here. The record of a request
does not (`accountability`), and neither does erasing somebody (`retention`).
"""
