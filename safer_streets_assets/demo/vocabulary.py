"""The invented world of the demo drops: names, places, courts, sentences, codes, survey items.

Words and codes only; what becomes of people is in `people`, how files look in the writers.
Nothing here describes a real person.
"""

from __future__ import annotations

from typing import Final

NPS: Final = "nps_court_outcomes"
CRC: Final = "crc_eligibility"
ATTENDEE: Final = "ors_attendee_survey"
CHECKIN: Final = "ors_facilitator_checkin"
TRAINING: Final = "training_feedback"
NOVO: Final = "mtc_novo"
MPS: Final = "mps_reoffending"

BOROUGH_WEIGHTS: Final[dict[str, int]] = {
    "Lambeth": 130,
    "Southwark": 130,
    "Lewisham": 110,
    "Croydon": 120,
    "Newham": 90,
    "Tower Hamlets": 70,
    "Hackney": 95,
    "Haringey": 75,
    "Enfield": 35,
    "Brent": 45,
    "Ealing": 40,
    "Greenwich": 35,
    "Camden": 14,
    "Bexley": 12,
    "Islington": 12,
    "Harrow": 11,
    "Redbridge": 10,
    "Hillingdon": 9,
    "Wandsworth": 9,
    "Merton": 8,
    "Waltham Forest": 8,
    "Westminster": 8,
    "Bromley": 7,
    "Barnet": 7,
}

CRN_LETTERS: Final = "ABCDEFGHJKLMNPRSTVWX"
MALE_NAMES: Final = (
    *("Jamal", "Darnell", "Ashley", "Marcus", "Tariq", "Connor", "Tyrone", "Yusuf", "Reece"),
    *("Emre", "Callum", "Kieran", "Luca", "Omar", "Bradley", "Dwayne", "Mateusz", "Kwame"),
)
FEMALE_NAMES: Final = ("Ellie", "Jade", "Keisha", "Leanne", "Amina", "Chantelle", "Sofia")
SURNAMES: Final = (
    *("Whitlock", "Ahmed", "Fenwick", "Kowalczyk", "Penhaligon", "Thorne", "Ravenscroft"),
    *("Achebe", "Hussain", "Clarke", "Demir", "Bennett", "Okafor", "Marlowe", "Brooks"),
    *("Mensah", "Castellan", "Abernathy", "Vasquez", "Oyelaran", "O'Hallorane", "Smythe-Jones"),
)
NON_ASCII_SURNAMES: Final = ("Núñez", "Müller", "D\u2019Août", "Håkansson", "Brontë")
MANAGERS: Final = (
    *("Siobhan Gallagher", "Dominic Featherstone", "Priya Nandakumar", "Tom Arkwright"),
    *("Gareth Llewellyn", "Olu Adeyemi-Cole", "Hannah Birtwistle", "Farah Qureshi-Blake"),
)
TEAMS: Final = (
    *("Lambeth Cluster 1", "Croydon Hub", "Greenwich & Lewisham", "Southwark Cluster 2"),
    *("Newham Hub", "Brent & Ealing", "Enfield & Haringey", "Hackney Hub"),
)
COURTS: Final = (
    *("Thames Magistrates' Court", "Croydon Magistrates' Court", "Stratford Magistrates' Court"),
    *("Highbury Corner Magistrates' Court", "Westminster Magistrates' Court"),
    *("Uxbridge Magistrates' Court", "Bromley Magistrates' Court", "Willesden Magistrates' Court"),
    *("Inner London Crown Court", "Harrow Crown Court", "Woolwich Crown Court"),
    *("Croydon Crown Court", "Snaresbrook Crown Court", "Isleworth Crown Court"),
    "Wood Green Crown Court",
)

OFFENCES: Final[dict[str, tuple[int, str]]] = {
    "00826": (64, "Having an article with blade or point in public place"),
    "00811": (
        30,
        "Possession of an offensive weapon without lawful authority or reasonable excuse",
    ),
    "00861": (7, "Threaten with an offensive weapon"),
    "00864": (7, "Threaten with article with blade or point in a public place"),
    "00827": (3, "Having an article with blade or point on school premises"),
    "00828": (
        2,
        "Possession of offensive weapons without lawful authority or reasonable excuse"
        " on school premises",
    ),
    "00862": (1, "Threaten with blade or sharply pointed article on school premises"),
    "10501": (4, "Common assault and battery"),
    "05910": (2, "Threat to commit criminal damage"),
}
COMMUNITY_SENTENCES: Final = ("Community Order", "Suspended Sentence Order")
SENTENCES: Final[dict[str, int]] = {
    "Community Order": 52,
    "Suspended Sentence Order": 28,
    "Immediate Custody": 12,
    "Fine": 5,
    "Conditional Discharge": 3,
}
RAR_DAYS: Final = (10, 15, 20, 25, 30, 40)

OUTSIDE: Final = "01"
NOT_ASSIGNED: Final[dict[str, int]] = {
    "02": 35,
    "03": 21,
    "04": 13,
    "05": 30,
    "06": 23,
    "07": 14,
    "99": 14,
}
ONE_TO_ONE: Final[dict[str, int]] = {"A": 21, "B": 16, "C": 8, "D": 6, "E": 3, "Z": 6}
REASONS: Final[dict[str, str]] = {
    "01": "Lives outside a roll-out borough",
    "02": "Risk assessed as unsuitable",
    "03": "Mental health needs",
    "04": "Language or interpreter needs",
    "05": "Already on another programme",
    "06": "Work or caring commitments",
    "07": "Transferred out of London",
    "99": "Other",
    "A": "Mental health needs",
    "B": "Learning difficulty or disability",
    "C": "Language needs",
    "D": "Risk to or from group members",
    "E": "Gender-responsive delivery",
    "Z": "Other",
}
COMPLETED: Final = "Completed"
IN_PROGRESS: Final = "In progress"
DID_NOT_START: Final = "Did not start"
LEAVING: Final[dict[str, int]] = {
    "Breached": 38,
    "Recalled or custody": 28,
    "Transferred": 16,
    "Withdrawn": 12,
}

SESSIONS: Final = 12
MIDPOINT: Final = 6
WAVE_SESSION: Final[dict[int, int]] = {1: 1, 2: 6, 3: 12}
MISSING_CODES: Final = (97, 98, 99)

# item -> key: -1 means that agreeing (code 1) is the better answer.
PRIMARY_SCALES: Final[dict[str, dict[str, int]]] = {
    "OFF": {"A1": 1, "A2": -1, "A3": 1, "A4": -1, "A5": 1},
    "KNF": {"K1": 1, "K2": -1, "K3": 1, "K4": -1, "K5": 1},
    "GOAL": {"G1": -1, "G2": -1, "G3": 1, "G4": -1},
}
MIN_ANSWERED: Final[dict[str, int]] = {"OFF": 3, "KNF": 3, "GOAL": 2}
SCALE_RISE: Final[dict[str, float]] = {"OFF": 0.24, "KNF": 0.34, "GOAL": 0.24}
LIKERT_ITEMS: Final = tuple(item for scale in PRIMARY_SCALES.values() for item in scale)
# Start level and rise, both on 0-10. W4 is anxiety: lower is better.
WELLBEING: Final[dict[str, tuple[float, float]]] = {
    "W1": (6.4, 0.4),
    "W2": (6.4, 0.3),
    "W3": (6.5, 0.5),
    "W4": (6.2, -0.3),
}
KNIFE_REASONS: Final = ("S2_1", "S2_2", "S2_3", "S2_4", "S2_5", "S2_6")
KNIFE_SHARES: Final = (0.55, 0.26, 0.18, 0.05, 0.18, 0.12)
ANSWER_COLUMNS: Final = (
    *(*LIKERT_ITEMS, *WELLBEING, "S1", *KNIFE_REASONS, "S2_98"),
    *("M1", "M2", "X1", "X2", "X3", "X4", "X5"),
)
FREE_TEXT: Final = ("M2", "X5")
PLAIN_REMARKS: Final = (
    "More sessions please",
    "Too long, and the room was cold",
    "Good facilitator, listened to me",
)

NPS_COLUMNS: Final = (
    *("Offender Management Team", "Offender Manager Name", "CRN", "Offender Name", "Gender"),
    *("Date of Birth", "Borough", "Disposal Date", "Offence Code", "Offence Description"),
    *("Proposed Sentence", "Resulting Sentence", "Court"),
)
NPS_OUTSIDE_AGREEMENT: Final = ("Ethnicity", "Home Address", "PNC ID")
CRC_COLUMNS: Final = (
    *("Team", "Offender Manager", "CRN", "Name", "DOB", "Gender", "Borough of residence"),
    *("Sentence date", "Sentence type", "RAR days", "Offence code"),
    *("Assigned to Safer Streets?", "If not assigned: reason code"),
    *("One-to-one?", "If one-to-one: reason code", "Start date"),
    *("Sessions attended", "Outcome", "Outcome date"),
)
ATTENDEE_COLUMNS: Final = (
    *("respid", "serial", "status", "wave", "CRN", "InterviewStart", "InterviewEnd"),
    *("device", "lang", *ANSWER_COLUMNS),
)
CHECKIN_COLUMNS: Final = (
    *("ResponseID", "SessionDate", "CRN", "Session", "Attended", "Engagement", "Delivery"),
    "Comments",
)
TRAINING_COLUMNS: Final = (
    *("Form", "Training date", "Role", "Aims clear", "Confident to deliver", "Materials"),
    *("Pace", "Overall", "Most useful", "Improve"),
)
NOVO_COLUMNS: Final = ("Reference", "Respondent", "Theme", "Summary")
MPS_COLUMNS: Final = ("CRN", "Name", "Event", "Event date", "Searched until")
NOTHING_FOUND: Final = "Nothing found"

MALFORMED_CRN: Final = "malformed_crn"
IMPOSSIBLE_DATE: Final = "impossible_date"
BORN_AFTER: Final = "birth_after_disposal"
UNKNOWN_CODE: Final = "unknown_code"
STAGE_RANGE: Final = "stage_out_of_range"
VALUE_RANGE: Final = "value_out_of_range"
NAMES_A_PERSON: Final = "identifies_a_person"
