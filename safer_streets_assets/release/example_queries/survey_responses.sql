-- How many responses to the survey came at each wave, and of which status?
SELECT *
FROM v_survey_response
