-- One row a person on CRC's spreadsheet and characteristic: what NPS and CRC say of it, in the disposal
-- and the case that the linked cohort takes, and whether they differ. What is not stated (`not_stated`)
-- contradicts nothing. The age is compared where both give the same day of sentence, since it stands
-- for the date of birth, which is not in this store.
WITH both_sources AS (
    SELECT
        cohort.person_id,
        nps.gender AS nps_gender,
        nps.borough AS nps_borough,
        nps.age_at_disposal,
        nps.disposal_date,
        nps.offence_code AS nps_offence,
        crc.gender AS crc_gender,
        crc.borough AS crc_borough,
        crc.age_at_sentence,
        crc.sentence_date,
        crc.offence_code AS crc_offence
    FROM research.linked_cohort AS cohort
    JOIN research.court_cases AS nps
        ON nps.person_id = cohort.person_id
            AND nps.disposal_date = cohort.disposal_date
            AND nps.offence_code = cohort.offence
    JOIN research.programme_cases AS crc
        ON crc.person_id = cohort.person_id AND crc.sentence_date = cohort.sentence_date
),
said AS (
    SELECT person_id, 'gender' AS characteristic, nps_gender AS nps_says, crc_gender AS crc_says
    FROM both_sources
    UNION ALL
    SELECT person_id, 'borough', nps_borough, crc_borough
    FROM both_sources
    UNION ALL
    SELECT person_id, 'age', age_at_disposal::VARCHAR, age_at_sentence::VARCHAR
    FROM both_sources
    WHERE sentence_date = disposal_date
    UNION ALL
    SELECT person_id, 'date of sentence', disposal_date::VARCHAR, sentence_date::VARCHAR
    FROM both_sources
    UNION ALL
    SELECT person_id, 'offence', nps_offence, crc_offence
    FROM both_sources
)
SELECT
    said.person_id,
    said.characteristic,
    believed.source AS believed,
    said.nps_says,
    said.crc_says,
    said.nps_says <> said.crc_says AS differs
FROM said
JOIN believed USING (characteristic)
WHERE
    said.nps_says IS NOT NULL
    AND said.crc_says IS NOT NULL
    AND said.nps_says NOT IN (SELECT words FROM not_stated)
    AND said.crc_says NOT IN (SELECT words FROM not_stated)
ORDER BY said.person_id, said.characteristic
