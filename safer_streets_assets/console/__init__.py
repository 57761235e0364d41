"""What the command line shows and starts: runs, the summary, the docs."""
