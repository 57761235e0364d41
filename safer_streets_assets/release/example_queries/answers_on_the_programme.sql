-- What did people answer on the programme?
SELECT question_label, answer_label, n, n_marker, percent, percent_marker
FROM experience_labelled
WHERE answer <> 'Total'
ORDER BY question, CAST(answer AS INTEGER)
