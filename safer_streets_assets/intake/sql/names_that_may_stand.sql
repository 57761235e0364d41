-- The names of a column that may stand in some texts: a first look, which leaves few of a million for
-- the exact one. A word of theirs, or the surname written as one, is a word of the texts or one slip
-- away from it; a name with a letter outside ASCII, which folds otherwise, always may.
WITH names AS (
    SELECT DISTINCT
        {column} AS name,
        lower(strip_accents({column})) AS plain,
        lower(regexp_replace(strip_accents({column}), '[^\p{{L}}\s,]', '', 'g')) AS kept
    FROM {table} AS held
    WHERE {column} IS NOT NULL
),
words AS (
    SELECT
        name,
        unnest(
            regexp_extract_all(plain, '\p{{L}}+')
            || regexp_extract_all(kept, '\p{{L}}+')
            || [regexp_replace(split_part(plain, ',', 1), '[^\p{{L}}]', '', 'g')]
        ) AS word
    FROM names
),
rests AS (
    SELECT
        word,
        unnest(
            list_prepend(
                word,
                list_transform(range(1, length(word) + 1), lambda i: left(word, i - 1) || substr(word, i + 1))
            )
        ) AS rest
    FROM (SELECT DISTINCT word FROM words WHERE length(word) >= {least_slip})
),
near AS (
    SELECT word FROM words_looked_for
    UNION
    SELECT rests.word FROM rests JOIN rests_looked_for ON rests_looked_for.word = rests.rest
)
SELECT DISTINCT name FROM words SEMI JOIN near USING (word)
UNION
SELECT name FROM names WHERE strlen(name) <> length(name)
