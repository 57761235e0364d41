"""The linked cohort: pseudonyms, conformed tables, eligibility, linkage and the funnel.

What turns raw tables into pseudonymised rows belongs here, and so does the one answer to the
question who a data subject is (`person`). Reading files does not (`intake`), and neither do scores
(`attitudes`) or counts of published tables (`disclosure`).
"""
