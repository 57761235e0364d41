-- Anonymous feedback on the training days: ratings only; what people wrote stays behind.
SELECT
    drop_order,
    file_row,
    form,
    training_date,
    role,
    aims_clear,
    confident_to_deliver,
    materials,
    pace,
    overall
FROM latest
ORDER BY form
