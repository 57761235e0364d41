-- How text becomes values. One definition, used to judge rows at intake and to conform them later.

-- A date with the name of its month, or with a time of twelve hours, as the formats below have it.
CREATE OR REPLACE TEMP MACRO plain_date(text) AS (
    trim(regexp_replace(
        regexp_replace(
            regexp_replace(
                regexp_replace(
                    regexp_replace(
                        trim(text),
                        '(?i)^(mon|tues?|wed(nes)?|thu(rs?)?|fri|sat(ur)?|sun)(day)?[., \x{a0}]+|(\d)(st|nd|rd|th)( of)?\b', '\6', 'g'
                    ),
                    '(:\d{2}:\d{2})[.:]\d{1,9}', '\1'
                ),
                '(?i)\bsept\b', 'Sep'
            ),
            '[-/., \x{a0}\x{2010}-\x{2015}\x{2212}]+', ' ', 'g'
        ),
        '([0-9])([A-Za-z])|([A-Za-z])([0-9])', '\1\3 \2\4', 'g'
    ))
);

-- dd/mm/yyyy (never mm/dd), ISO also with slashes, fractions of a second and a zone (the time stays
-- as it is written), yyyymmdd, dd-mm-yyyy, dd.mm.yyyy, dd Mon yyyy and Mon dd yyyy in any separators,
-- and the serial number of a day that a spreadsheet shows when a date loses its format (days since
-- 30 December 1899). A year has four digits (`parse_short_year` is for others). NULL when it is none of
-- them. What most files have is tried first.
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
        WHEN regexp_full_match(trim(text), '\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2} ?(Z|UTC|[+-]\d{2}:?\d{2})?')
            THEN try_strptime(replace(left(trim(text), 16), 'T', ' '), '%Y-%m-%d %H:%M')
        WHEN regexp_full_match(trim(text), '\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}([.,]\d{1,9})? ?(Z|UTC|[+-]\d{2}:?\d{2})?')
            THEN try_strptime(replace(left(trim(text), 19), 'T', ' '), '%Y-%m-%d %H:%M:%S')
        WHEN regexp_full_match(trim(text), '[1-7]\d{4}(\.0+)?')
            THEN TIMESTAMP '1899-12-30' + to_days(left(trim(text), 5)::INTEGER)
        WHEN regexp_full_match(trim(text), '[1-7]\d{4}\.\d{1,15}')
            THEN date_trunc('second', TIMESTAMP '1899-12-30' + to_seconds(round(trim(text)::DOUBLE * 86400)))
        WHEN regexp_full_match(trim(text), '(19|20)\d{6}')
            THEN try_strptime(trim(text), '%Y%m%d')
        WHEN regexp_full_match(trim(text), '\d{4}/\d{1,2}/\d{1,2}( \d{1,2}:\d{2}(:\d{2})?)?')
            THEN try_strptime(trim(text), ['%Y/%m/%d', '%Y/%m/%d %H:%M', '%Y/%m/%d %H:%M:%S'])
        WHEN regexp_matches(text, '(^|\D)\d{4}(\D|$)')
            THEN try_strptime(
                plain_date(text),
                [
                    '%d %b %Y', '%d %B %Y', '%b %d %Y', '%B %d %Y', '%d %m %Y', '%Y %m %d',
                    '%d %b %Y %H:%M', '%d %B %Y %H:%M', '%b %d %Y %H:%M', '%B %d %Y %H:%M',
                    '%d %b %Y %H:%M:%S', '%d %B %Y %H:%M:%S', '%b %d %Y %H:%M:%S', '%B %d %Y %H:%M:%S',
                    '%d %b %Y %I:%M %p', '%d %B %Y %I:%M %p', '%b %d %Y %I:%M %p', '%B %d %Y %I:%M %p',
                    '%d %b %Y %I:%M:%S %p', '%d %B %Y %I:%M:%S %p', '%b %d %Y %I:%M:%S %p', '%B %d %Y %I:%M:%S %p',
                    '%d %m %Y %H:%M', '%d %m %Y %H:%M:%S', '%d %m %Y %I:%M %p', '%d %m %Y %I:%M:%S %p',
                    '%Y %m %d %H:%M', '%Y %m %d %H:%M:%S', '%Y %m %d %I:%M %p', '%Y %m %d %I:%M:%S %p'
                ]
            )
    END
);

-- A date in living memory, or NULL. The list is there so that the time is parsed once.
CREATE OR REPLACE TEMP MACRO parse_date(text) AS (
    list_filter(
        [parse_timestamp(text)],
        lambda t: t BETWEEN TIMESTAMP '1900-01-01' AND TIMESTAMP '2100-01-01'
    )[1]::DATE
);

-- The one year from the first on that two figures stand for.
CREATE OR REPLACE TEMP MACRO year_of(figures, first_year) AS (
    first_year + (try_cast(figures AS INTEGER) + 100 - first_year % 100) % 100
);

-- The time of the parts that `parse_short_year` found, with its day and year, or NULL.
CREATE OR REPLACE TEMP MACRO short_year_timestamp(found, day_of_month, of_year) AS (
    try_strptime(
        concat(
            day_of_month, ' ', CASE WHEN lower(found.month) = 'sept' THEN 'Sep' ELSE found.month END, ' ', of_year, ' ',
            coalesce(nullif(found.time, ''), '0:00'), coalesce(nullif(found.seconds, ''), ':00'),
            CASE WHEN found.half <> '' THEN concat(' ', found.half, 'm') END
        ),
        [
            '%d %m %Y %H:%M:%S', '%d %b %Y %H:%M:%S', '%d %B %Y %H:%M:%S',
            '%d %m %Y %I:%M:%S %p', '%d %b %Y %I:%M:%S %p', '%d %B %Y %I:%M:%S %p'
        ]
    )
);

-- Whether a day is of a weekday, of which the first three letters are given; any day is where none are.
CREATE OR REPLACE TEMP MACRO is_weekday(day, letters) AS (
    day IS NOT NULL AND (letters = '' OR lower(left(dayname(day), 3)) = lower(letters))
);

-- A date in the order of day, month and year whose year has two figures, also after a weekday and with
-- a time, in the one year that they stand for from the first to the last; NULL when there is none, for any
-- other text, and where the weekday is of another day. It is NULL as well where the first figures may be
-- the year and the last the day (19-11-20), and nothing says which they are: not 19th, '20 or a weekday.
-- The lists are there so that each step is taken once.
CREATE OR REPLACE TEMP MACRO parse_short_year(text, first_year, last_year) AS (
    list_transform(
        list_transform(
            [regexp_extract(
                regexp_replace(translate(trim(text), '‐‑‒–—−’‘' || chr(160), '------'''' '), ' *([-/.,]) *', '\1', 'g'),
                '(?i)^(?:(mon|tue|wed|thu|fri|sat|sun)(?:s|nes|rs?|ur)?(?:day)?[., ]+)?'
                || '(\d{1,2})(st|nd|rd|th)?(?: of\b)?([-/.]?) ?(\d{1,2}|[a-z]{3,9})([-/.,]{0,2}) ?('')?(\d{2})'
                || '(?:[, ]+(\d{1,2}:\d{2})(:\d{2})?(?:[.:,]\d{1,9})?(?: ?([ap])\.?m\.?)?)?$',
                ['weekday', 'day', 'ordinal', 'mark', 'month', 'other', 'quote', 'years', 'time', 'seconds', 'half']
            )],
            lambda found: struct_pack(
                found := found,
                day := CASE
                    WHEN (found.month >= 'A' OR (found.mark = found.other AND found.mark <> ''))
                        AND year_of(found.years, first_year) <= last_year
                        THEN short_year_timestamp(found, found.day, year_of(found.years, first_year))
                END,
                other_way := CASE
                    WHEN found.ordinal = '' AND found.quote = '' AND year_of(found.day, first_year) <= last_year
                        THEN short_year_timestamp(found, found.years, year_of(found.day, first_year))
                END
            )
        ),
        lambda one: CASE
            WHEN NOT is_weekday(one.day, one.found.weekday) OR is_weekday(one.other_way, one.found.weekday)
                THEN NULL
            ELSE one.day
        END
    )[1]
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

-- Whether a text can be what tells a row from the others: a number, a code or a short reference, and
-- not a line of a letter.
CREATE OR REPLACE TEMP MACRO is_reference(text) AS (
    length(text) <= 40
    AND regexp_full_match(trim(text), '[#(]?[^\x00-/:-@\[-`{-\x7f][^\s,;"''\[\]{}*<>=?!]*( [^\s,;"''\[\]{}*<>=?!]+){0,4}')
    AND CASE
        WHEN NOT contains(trim(text), ' ')
            THEN TRUE
        WHEN regexp_full_match(trim(text), '\S+( \S+){3,}')
            THEN regexp_full_match(trim(text), '(?i)\S+( \S+)? [0-9]+ of [0-9]+')
        ELSE regexp_matches(
            trim(text),
            '(?i)[0-9]| [^\s0-9]$| (one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|[ivx]+)$'
        )
    END
);

-- What tells two references apart: not case, blanks or the leading zeros that a spreadsheet eats.
CREATE OR REPLACE TEMP MACRO reference_key(text) AS (
    regexp_replace(
        regexp_replace(upper(replace(text, ' ', '')), '\.0+$', ''), '(^|[^0-9])0+([0-9])', '\1\2', 'g'
    )
);

-- The words of a text, in any order, without case and accents: what it says however it is spelt.
CREATE OR REPLACE TEMP MACRO words_in_it(text) AS (
    list_sort(regexp_extract_all(lower(strip_accents(text)), '[\p{L}\p{N}]+'))
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
    (starts_with(text, '#') OR starts_with(text, 'Err:'))
    AND regexp_full_match(text, '#(N/A|NAME\?|GETTING_DATA|[A-Z][A-Z0-9/_]{1,15}!)|Err:\d{3}')
);
