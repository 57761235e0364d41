"""What operators type and read: commands, what they ask and print, and the summary of a run.

What the commands do to data does not belong here: that is in the stages, which the commands call.
`commands_x.py` holds the words and options of commands; what does the work is in `x.py`, imported
when a command is called. In one module they would be imported by every command line, `--help` and
a mistyped option too, which then takes 1.7 s and not 0.2 s.
"""
