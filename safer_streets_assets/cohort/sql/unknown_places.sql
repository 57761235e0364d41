-- The rows, in the latest version of each, whose text of a field is on its list under no spelling.
SELECT
    raw.drop_id,
    {source} AS source,
    raw.row_number
FROM latest
JOIN restricted.drop_order USING (drop_order)
JOIN restricted.{raw_table} AS raw ON raw.drop_id = drop_order.drop_id AND raw.row_number = latest.file_row
JOIN listed_words ON listed_words.words_list = {words} AND listed_words.words_text = raw.{column}
WHERE NOT listed_words.is_known AND latest.{column} IS NOT NULL
