-- One row a person, wave and stage-specific question answered, of the responses that count, with the
-- code of the answer. What stands beside a question in a response of another wave than that of its
-- stage was not asked there, and a code for a missing answer is none.
SELECT
    answers.person_id,
    answers.wave,
    answers.question,
    answers.answer::VARCHAR AS answer
FROM (
    UNPIVOT (SELECT person_id, wave, {questions} FROM counting_responses)
    ON {questions} INTO NAME question VALUE answer
) AS answers
INNER JOIN asked_questions AS asked USING (question, wave)
WHERE NOT list_contains($missing_codes::BIGINT[], answers.answer)
ORDER BY asked.place, answers.person_id, answers.wave
