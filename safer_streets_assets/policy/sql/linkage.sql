-- One row a conformed row of a source that links to the cohort: whether its person is in it.
SELECT
    source,
    month,
    link_result,
    (link_result = 'not linked')::INTEGER AS unlinked
FROM research.row_links
