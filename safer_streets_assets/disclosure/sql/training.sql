-- One row an anonymous form and rating question answered.
SELECT
    question,
    answer::VARCHAR AS answer
FROM (
    UNPIVOT (SELECT * EXCLUDE (form, training_date, role) FROM research.training_forms)
    ON COLUMNS(*) INTO NAME question VALUE answer
)
