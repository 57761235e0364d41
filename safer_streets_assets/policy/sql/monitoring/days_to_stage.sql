-- One row a person who was assigned and stage: how many days after the disposal they are followed, and
-- whether they are at it, and whether the days end in reaching it. No pseudonym is among the columns.
--
-- A stage is reached by the rules of the funnel, on the day of the start, of the check-in with which a
-- person had attended as many sessions as the midpoint needs, or of the outcome. Whoever has not reached
-- it is followed to the day on which the programme ended, or to $last_day, the day of CRC's newest
-- spreadsheet. Where the programme has ended, or the stage was reached, on no known day, they are followed
-- to the last day on which the data shows them.
WITH visits AS (
    SELECT
        person_id,
        session,
        min(session_date) AS came_on
    FROM research.facilitator_checkins
    WHERE attended AND session_date IS NOT NULL
    GROUP BY person_id, session
),
numbered AS (
    SELECT
        *,
        row_number() OVER (PARTITION BY person_id ORDER BY came_on, session) AS attended_so_far
    FROM visits
),
came AS (
    SELECT
        person_id,
        min(came_on) FILTER (attended_so_far = $midpoint_sessions) AS midpoint_on,
        max(came_on) AS last_came_on
    FROM numbered
    GROUP BY person_id
),
followed AS (
    SELECT
        people.disposal_date,
        people.stage_number,
        people.start_date,
        came.midpoint_on,
        people.outcome_date,
        greatest(people.disposal_date, people.start_date, came.last_came_on) AS last_seen_on,
        CASE
            WHEN people.outcome = 'Not recorded' OR list_contains($goes_on::VARCHAR[], people.outcome)
                THEN greatest($last_day, last_seen_on)
            ELSE coalesce(people.outcome_date, last_seen_on)
        END AS followed_until
    FROM research.linked_cohort AS people
    LEFT JOIN came USING (person_id)
    WHERE people.stage_number >= $assigned
),
stages AS (
    SELECT
        followed.*,
        timed.stage,
        followed.stage_number >= funnel.stage_number AS is_at_stage,
        CASE timed.stage
            WHEN 'started' THEN start_date
            WHEN 'midpoint' THEN midpoint_on
            ELSE outcome_date
        END AS reached_on
    FROM followed
    CROSS JOIN (SELECT unnest($stages::VARCHAR[]) AS stage) AS timed
    INNER JOIN funnel_stages AS funnel ON funnel.stage = timed.stage
)
SELECT
    stage,
    is_at_stage,
    is_at_stage AND reached_on IS NOT NULL AS reached,
    greatest(
        0,
        date_diff(
            'day',
            disposal_date,
            CASE
                WHEN reached THEN reached_on
                WHEN is_at_stage THEN last_seen_on
                ELSE followed_until
            END
        )
    ) AS days
FROM stages
ORDER BY stage, days, reached
