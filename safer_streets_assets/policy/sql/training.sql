-- One row an anonymous form and rating question answered.
SELECT
    question,
    answer
FROM (
    UNPIVOT (SELECT COLUMNS(*)::VARCHAR FROM research.training_forms)
    ON COLUMNS(*) INTO NAME question VALUE answer
)
INNER JOIN training_questions USING (question)
