-- People who completed and whom the police searched for, for each event that counts: how many days
-- they are followed, and whether that ends in the event. The first event after completion counts; one
-- on or before the day of completion does not. Whoever was searched for only up to a day before
-- completion was not followed.
WITH followed AS (
    SELECT
        people.person_id,
        people.outcome_date AS completed_on,
        least(
            date_diff('day', people.outcome_date, max(police.searched_until)), $follow_up_days
        ) AS followed_days
    FROM research.linked_cohort AS people
    JOIN research.police_events AS police USING (person_id)
    WHERE people.stage_number >= $stage
    GROUP BY people.person_id, people.outcome_date
    HAVING max(police.searched_until) >= people.outcome_date
),
first_event AS (
    SELECT
        person_id,
        police.event,
        min(date_diff('day', completed_on, police.event_date)) AS event_days
    FROM followed
    JOIN research.police_events AS police USING (person_id)
    WHERE police.event_date > completed_on
    GROUP BY person_id, police.event
)
SELECT
    kinds.event,
    coalesce(event_days <= followed_days, false) AS happened,
    CASE WHEN happened THEN event_days ELSE followed_days END AS days
FROM followed
CROSS JOIN (SELECT unnest($events::VARCHAR[]) AS event) AS kinds
LEFT JOIN first_event USING (person_id, event)
ORDER BY kinds.event, days, happened
