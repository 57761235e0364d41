-- One row a person and question about the programme that the person answered.
SELECT
    answers.person_id,
    answers.question,
    answers.answer
FROM research.survey_answers AS answers
INNER JOIN experience_questions AS questions USING (question)
