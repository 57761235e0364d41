-- Police events: one row an event, or one row that says that nothing was found. A search of a person
-- says everything about them, so the latest drop that has the person replaces all before it: an event
-- that was corrected or withdrawn does not stay.
SELECT
    drop_order,
    file_row,
    person_id,
    {kept},
    NOT in_latest_drop AS not_in_latest
FROM latest
QUALIFY drop_order = max(drop_order) OVER (PARTITION BY person_id)
ORDER BY person_id, event_date NULLS FIRST, event
