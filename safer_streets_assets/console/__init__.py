"""What the command line shows and starts: commands, runs and the summary."""
