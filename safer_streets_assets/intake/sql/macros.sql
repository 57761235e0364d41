-- How text becomes values. One definition, used to judge rows at intake and to conform them later.

-- dd/mm/yyyy (never mm/dd), ISO, and dd-mm-yyyy, dd.mm.yyyy, dd Mon yyyy; NULL when it is none of them.
CREATE OR REPLACE TEMP MACRO parse_timestamp(text) AS (
    CASE
        WHEN regexp_full_match(trim(text), '\d{1,2}[/.-]\d{1,2}[/.-]\d{4}')
            THEN try_strptime(replace(replace(trim(text), '.', '/'), '-', '/'), '%d/%m/%Y')
        WHEN regexp_full_match(trim(text), '\d{1,2}[/.-]\d{1,2}[/.-]\d{4} \d{1,2}:\d{2}')
            THEN try_strptime(replace(replace(trim(text), '.', '/'), '-', '/'), '%d/%m/%Y %H:%M')
        WHEN regexp_full_match(trim(text), '\d{1,2}[/.-]\d{1,2}[/.-]\d{4} \d{1,2}:\d{2}:\d{2}')
            THEN try_strptime(replace(replace(trim(text), '.', '/'), '-', '/'), '%d/%m/%Y %H:%M:%S')
        WHEN regexp_full_match(trim(text), '\d{4}-\d{2}-\d{2}')
            THEN try_strptime(trim(text), '%Y-%m-%d')
        WHEN regexp_full_match(trim(text), '\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}')
            THEN try_strptime(replace(trim(text), 'T', ' '), '%Y-%m-%d %H:%M')
        WHEN regexp_full_match(trim(text), '\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}')
            THEN try_strptime(replace(trim(text), 'T', ' '), '%Y-%m-%d %H:%M:%S')
        ELSE try_strptime(trim(text), ['%d %b %Y', '%d %B %Y'])
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

-- An offence code with the leading zeros that a spreadsheet eats, or NULL.
CREATE OR REPLACE TEMP MACRO parse_offence_code(text) AS (
    CASE
        WHEN regexp_full_match(trim(text), '\d{1,5}(\.0+)?')
            THEN lpad(regexp_replace(trim(text), '\.0+$', ''), 5, '0')
    END
);

-- The spelling under which a code is looked up.
CREATE OR REPLACE TEMP MACRO code_spelling(text) AS (
    regexp_replace(lower(trim(text)), '\.0+$', '')
);

-- What a spreadsheet shows in a cell whose formula fails.
CREATE OR REPLACE TEMP MACRO is_spreadsheet_error(text) AS (
    starts_with(text, '#')
    AND regexp_full_match(text, '#(N/A|REF!|VALUE!|DIV/0!|NAME\?|NUM!|NULL!|SPILL!|CALC!|FIELD!|GETTING_DATA)')
);
