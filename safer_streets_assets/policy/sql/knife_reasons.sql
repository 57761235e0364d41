-- One row a person and reason for carrying a knife, ticked (1) or not (0), of those who answered.
-- Whoever prefers not to say is in the row of that alone, and in the base of no reason.
WITH ticked AS (
    SELECT
        answers.person_id,
        answers.question AS reason,
        answers.answer::INTEGER AS ticked,
        reasons.in_base,
        coalesce(
            max(answers.answer::INTEGER) FILTER (NOT reasons.in_base)
            OVER (PARTITION BY answers.person_id),
            0
        ) = 1 AS prefers_not_to_say
    FROM research.survey_answers AS answers
    INNER JOIN knife_reasons AS reasons ON reasons.question = answers.question
)
SELECT
    person_id,
    reason,
    ticked
FROM ticked
WHERE NOT (in_base AND prefers_not_to_say)
