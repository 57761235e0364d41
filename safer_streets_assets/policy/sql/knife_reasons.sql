-- One row a person and reason for carrying a knife, ticked (1) or not (0), of those who answered.
SELECT
    answers.person_id,
    answers.question AS reason,
    answers.answer::INTEGER AS ticked
FROM research.survey_answers AS answers
INNER JOIN knife_reasons AS reasons ON reasons.question = answers.question
