"""The rights of the people in the data: access to what is held on them, and objections."""
