-- How text becomes values. One definition, used to judge rows at intake and to conform them later.

-- dd/mm/yyyy (never mm/dd), ISO also with fractions of a second and a zone (the time stays as it is
-- written), dd-mm-yyyy, dd.mm.yyyy, dd Mon yyyy, dd-Mon-yyyy, and the serial number of a day that a
-- spreadsheet shows when a date loses its format (days since 30 December 1899). NULL when it is none
-- of them. What most files have is tried first.
CREATE OR REPLACE TEMP MACRO parse_timestamp(text) AS (
    CASE
        WHEN regexp_full_match(trim(text), '\d{1,2}[/.-]\d{1,2}[/.-]\d{4}')
            THEN try_strptime(replace(replace(trim(text), '.', '/'), '-', '/'), '%d/%m/%Y')
        WHEN regexp_full_match(trim(text), '\d{4}-\d{2}-\d{2}')
            THEN try_strptime(trim(text), '%Y-%m-%d')
        WHEN regexp_full_match(trim(text), '\d{1,2}[/.-]\d{1,2}[/.-]\d{4} \d{1,2}:\d{2}')
            THEN try_strptime(replace(replace(trim(text), '.', '/'), '-', '/'), '%d/%m/%Y %H:%M')
        WHEN regexp_full_match(trim(text), '\d{1,2}[/.-]\d{1,2}[/.-]\d{4} \d{1,2}:\d{2}:\d{2}')
            THEN try_strptime(replace(replace(trim(text), '.', '/'), '-', '/'), '%d/%m/%Y %H:%M:%S')
        WHEN regexp_full_match(trim(text), '\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}')
            THEN try_strptime(replace(trim(text), 'T', ' '), '%Y-%m-%d %H:%M')
        WHEN regexp_full_match(trim(text), '\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}([.,]\d{1,9})?(Z|[+-]\d{2}:?\d{2})?')
            THEN try_strptime(replace(left(trim(text), 19), 'T', ' '), '%Y-%m-%d %H:%M:%S')
        WHEN regexp_full_match(trim(text), '[1-7]\d{4}(\.0+)?')
            THEN TIMESTAMP '1899-12-30' + to_days(left(trim(text), 5)::INTEGER)
        WHEN regexp_full_match(trim(text), '[1-7]\d{4}\.\d{1,15}')
            THEN date_trunc('second', TIMESTAMP '1899-12-30' + to_seconds(round(trim(text)::DOUBLE * 86400)))
        ELSE try_strptime(
            regexp_replace(trim(text), '[-/. ]+', ' ', 'g'),
            ['%d %b %Y', '%d %B %Y', '%d %b %Y %H:%M', '%d %b %Y %H:%M:%S']
        )
    END
);

-- A date in living memory, or NULL.
CREATE OR REPLACE TEMP MACRO parse_date(text) AS (
    CASE
        WHEN parse_timestamp(text) BETWEEN TIMESTAMP '1900-01-01' AND TIMESTAMP '2100-01-01'
            THEN parse_timestamp(text)::DATE
    END
);

-- A whole number ('12', '12.0'), or NULL.
CREATE OR REPLACE TEMP MACRO parse_integer(text) AS (
    CASE
        WHEN regexp_full_match(trim(text), '-?\d{1,15}(\.0+)?')
            THEN regexp_replace(trim(text), '\.0+$', '')::BIGINT
    END
);

-- An offence code with the leading zeros that a spreadsheet eats, or NULL; 0 is none.
CREATE OR REPLACE TEMP MACRO parse_offence_code(text) AS (
    CASE
        WHEN regexp_full_match(trim(text), '\d{1,5}(\.0+)?') AND regexp_matches(trim(text), '^0*[1-9]')
            THEN lpad(regexp_replace(trim(text), '\.0+$', ''), 5, '0')
    END
);

-- The spelling under which a code is looked up.
CREATE OR REPLACE TEMP MACRO code_spelling(text) AS (
    regexp_replace(lower(trim(text)), '\.0+$', '')
);

-- Age in whole years on a day.
CREATE OR REPLACE TEMP MACRO whole_years(born, on_day) AS (
    date_diff('year', born, on_day)
        - CASE WHEN (month(on_day), day(on_day)) < (month(born), day(born)) THEN 1 ELSE 0 END
);

-- What a spreadsheet shows in a cell whose formula fails.
CREATE OR REPLACE TEMP MACRO is_spreadsheet_error(text) AS (
    starts_with(text, '#')
    AND regexp_full_match(text, '#(N/A|REF!|VALUE!|DIV/0!|NAME\?|NUM!|NULL!|SPILL!|CALC!|FIELD!|GETTING_DATA)')
);
