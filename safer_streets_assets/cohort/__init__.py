"""The linked cohort: pseudonyms, conformed tables, eligibility, linkage and the funnel."""
