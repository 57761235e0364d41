-- One row a person and question about the programme that the person answered.
SELECT
    answers.question,
    answers.answer
FROM research.survey_answers AS answers
INNER JOIN research.linked_cohort AS cohort USING (person_id)
INNER JOIN experience_questions AS questions USING (question)
