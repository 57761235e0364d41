"""Sentences as facilitators and attendees write them, with identifiers planted in known places.

Everybody in them is invented: forenames and surnames are common ones, put together at random. The
rules that mask were written before these sentences; seed 1 was looked at while they were mended,
and the numbers of the docs are of other seeds.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

FORENAMES = (  # noqa: SIM905
    "Aaron Abdullahi Abigail Adam Adebayo Adrian Aisha Alexander Alexandra Ali Amir Amy Andrew "
    "Angela Anthony April Ashley Ayesha Benjamin Bianca Bradley Brandon Brent Brian Bruno "
    "Callum Cameron Carlos Caroline Chantelle Charlotte Chelsea Chidi Chloe Christian "
    "Christopher Claire Connor Courtney Curtis Daisy Damian Daniel Danielle Darnell Darren "
    "David Deborah Declan Demetrius Denise Derek Dominic Dwayne Edward Elijah Elizabeth "
    "Emmanuel Emre Ethan Faith Farah Fatima Frederick Gabriel Gareth George Grace Graham "
    "Gregory Hamza Hannah Harrison Harvey Hassan Helen Hope Hussein Ibrahim Imran Isaac "
    "Isabella Jack Jacob Jade Jake Jamal James Jamie Jasmine Jason Jayden Jennifer Jermaine "
    "Jerome Jessica Joanna Joel John Jonathan Jordan Joseph Joshua Joy Julian June Kai Kareem "
    "Karim Katherine Keisha Keith Kelvin Kenneth Kevin Khalid Kieran Kofi Kwame Kyle Laura "
    "Lauren Leah Leon Leroy Lewis Liam Louis Louise Lucas Luke Mahmoud Malachi Marcus Margaret "
    "Mark Marlon Mason Mateusz Matthew Max May Melissa Michael Mohammed Mustafa Nadia Nathan "
    "Nathaniel Nicholas Nigel Noah Olivia Oliver Oluwaseun Omar Oscar Owen Patience Patrick "
    "Paul Peter Philip Priya Rachel Rashid Raymond Rebecca Reece Rhys Richard Robert Rose Ruby "
    "Russell Ryan Sabrina Samantha Samuel Sarah Sean Sebastian Shannon Shanice Sharon Simon "
    "Sofia Stacey Stephen Steven Susan Tariq Terence Theodore Thomas Timothy Tobias Trevor "
    "Tyler Tyrone Victoria Vincent Wayne Will William Yasmin Yusuf Zachary Zainab "
).split()
SURNAMES = (  # noqa: SIM905
    "Abbott Abdi Abernathy Achebe Adebayo Adeyemi Agyeman Ahmed Akhtar Ali Allen Anderson "
    "Andrews Appiah Armstrong Asante Atkinson Bailey Baker Balogun Banks Barker Barnes Barrett "
    "Begum Bell Bennett Bishop Black Boateng Booth Bradley Brooks Brown Bryan Burke Burton "
    "Butler Byrne Campbell Carter Castellan Chambers Chapman Charles Choudhury Clark Clarke "
    "Cole Coleman Collins Cooper Cox Cruz Cunningham Curtis Daniels Davidson Davies Dawson Day "
    "Demir Diallo Dixon Doyle Duncan Edwards Ekwueme Elliott Ellis Evans Eze Farah Featherstone "
    "Fenwick Ferguson Field Fisher Fletcher Foster Fox Francis Fraser Freeman Frost Gallagher "
    "Garcia Gibson Gill Good Gordon Graham Grant Gray Green Griffiths Hall Hamilton Hansen "
    "Harper Harris Harrison Hart Harvey Hassan Hawkins Hayes Henderson Henry Hill Holland "
    "Holmes Hopkins Howard Hughes Hunt Hunter Hussain Ibrahim Igwe Iqbal Islam Jackson Jacobs "
    "James Jarvis Jenkins Johnson Johnston Jones Jordan Joseph Kamara Kaur Kelly Kennedy Khan "
    "King Knight Kowalczyk Kowalski Lambert Lawrence Lawson Lee Lewis Little Lloyd Long Lynch "
    "Malik Mann Marlowe Marsh Marshall Martin Mason Matthews May Mbeki Mensah Miah Miller Mills "
    "Mitchell Mohamed Moore Morgan Morris Murphy Murray Nandakumar Nelson Newman Ngata Nguyen "
    "Nicholls Noble Nowak Nwosu Obi Odunsi Ogunleye Okafor Okeke Okonkwo Oladipo Onyango Osei "
    "Osman Owen Owusu Page Palmer Park Parker Parsons Patel Payne Pearce Penhaligon Perry "
    "Peters Phillips Pike Poole Pope Porter Powell Price Qureshi Rahman Ramirez Ravenscroft "
    "Read Reed Reid Reynolds Rice Richards Richardson Roberts Robinson Rogers Rose Ross Russell "
    "Ryan Sanders Sesay Shah Sharma Sharp Shaw Shepherd Silva Simpson Singh Small Smith Spencer "
    "Stevens Stewart Stone Street Sullivan Sutton Swift Taylor Thomas Thompson Thorne Tran "
    "Tucker Turay Turner Usman Vasquez Wade Walker Wallace Walsh Ward Warren Watson Watts Webb "
    "Weston White Whitlock Wilkinson Williams Willis Wilson Wood Woods Wright Yeboah Yilmaz "
    "York Young Zielinski "
).split()
JOINED = (
    "O'Hallorane",
    "O'Connor",
    "O'Sullivan",
    "D'Souza",
    "N'Diaye",
    "Smythe-Jones",
    "Adeyemi-Cole",
    "Qureshi-Blake",
    "Clarke-Mensah",
    "Owusu-Ansah",
    "Bennett-Lloyd",
    "Lloyd-Davies",
    "McAllister",
    "MacDonald",
    "van der Berg",
    "de Souza",
    "Al-Rashid",
    "Ben Salah",
    "Núñez",
    "Müller",
    "Brontë",
    "Şahin",
)
DIMINUTIVES = {
    "Abigail": ("Abi", "Abby"),
    "Alexander": ("Alex", "Alec"),
    "Alexandra": ("Alex", "Sasha"),
    "Andrew": ("Andy", "Drew"),
    "Anthony": ("Tony", "Ant"),
    "Benjamin": ("Ben", "Benji"),
    "Bradley": ("Brad",),
    "Cameron": ("Cam",),
    "Charlotte": ("Charlie", "Lottie"),
    "Christopher": ("Chris", "Kit"),
    "Daniel": ("Dan", "Danny"),
    "Danielle": ("Dani",),
    "Darren": ("Daz",),
    "David": ("Dave", "Davey"),
    "Deborah": ("Debbie", "Debs"),
    "Edward": ("Ed", "Eddie", "Ted"),
    "Elizabeth": ("Liz", "Beth", "Lizzie"),
    "Emmanuel": ("Manny",),
    "Frederick": ("Fred", "Freddie"),
    "Gareth": ("Gaz",),
    "Gregory": ("Greg",),
    "Harrison": ("Harry",),
    "Isabella": ("Izzy", "Bella"),
    "James": ("Jim", "Jamie", "Jimmy"),
    "Jennifer": ("Jen", "Jenny"),
    "Jessica": ("Jess",),
    "John": ("Jack", "Johnny"),
    "Jonathan": ("Jon", "Jonny"),
    "Joseph": ("Joe", "Joey"),
    "Joshua": ("Josh",),
    "Katherine": ("Kate", "Kathy", "Katie"),
    "Kenneth": ("Ken", "Kenny"),
    "Kevin": ("Kev",),
    "Margaret": ("Maggie", "Peggy"),
    "Matthew": ("Matt", "Matty"),
    "Michael": ("Mike", "Mick", "Mikey"),
    "Mohammed": ("Mo",),
    "Nathaniel": ("Nate", "Nathan"),
    "Nicholas": ("Nick", "Nicky"),
    "Oliver": ("Ollie",),
    "Patrick": ("Paddy", "Pat"),
    "Peter": ("Pete",),
    "Philip": ("Phil",),
    "Rebecca": ("Becky", "Bex"),
    "Richard": ("Rich", "Rick", "Dick"),
    "Robert": ("Bob", "Rob", "Bobby"),
    "Russell": ("Russ",),
    "Samantha": ("Sam",),
    "Samuel": ("Sam", "Sammy"),
    "Sebastian": ("Seb",),
    "Stephen": ("Steve", "Ste"),
    "Steven": ("Steve",),
    "Susan": ("Sue", "Susie"),
    "Terence": ("Terry",),
    "Theodore": ("Theo", "Teddy"),
    "Thomas": ("Tom", "Tommy"),
    "Timothy": ("Tim",),
    "Tobias": ("Toby",),
    "Victoria": ("Vicky", "Tori"),
    "Vincent": ("Vince", "Vinny"),
    "William": ("Bill", "Billy", "Will", "Liam"),
    "Zachary": ("Zac", "Zach"),
}
MIDDLE = "Lee James Anne Marie Ade Kofi John Jane Rose Michael Olu Grace".split()  # noqa: SIM905

Kind = str


@dataclass(frozen=True)
class Planted:
    """An identifier in a text: its place, its kind, and for names in which way it is written."""

    start: int
    end: int
    kind: Kind
    way: str


@dataclass(frozen=True)
class Sentence:
    """A text with what is planted in it."""

    text: str
    planted: tuple[Planted, ...]


@dataclass(frozen=True)
class Held:
    """Somebody E&I holds."""

    forename: str
    surname: str
    middle: str
    born: date
    crn: str

    @property
    def listed(self) -> str:
        """The name as NPS writes it."""
        middle = f" {self.middle}" if self.middle else ""
        return f"{self.surname.upper()}, {self.forename}{middle}"


def people(rng: random.Random, how_many: int) -> list[Held]:
    """People whose names, dates of birth and CRNs are held."""
    found = []
    for _ in range(how_many):
        surname = rng.choice(JOINED) if rng.random() < 0.12 else rng.choice(SURNAMES)
        born = date(1970, 1, 1) + timedelta(days=rng.randrange(365 * 31))
        found.append(
            Held(
                rng.choice(FORENAMES),
                surname,
                rng.choice(MIDDLE) if rng.random() < 0.3 else "",
                born,
                f"{rng.choice('ABCDEFGHJKLMNPRSTVWX')}{rng.randrange(10**6):06}",
            )
        )
    return found


def slip(rng: random.Random, word: str) -> str:
    """A word with one typing slip, not in its first letter."""
    at = rng.randrange(1, len(word))
    match rng.randrange(4):
        case 0 if len(word) > 4:
            return word[:at] + word[at + 1 :]
        case 1:
            return word[:at] + word[at] + word[at:]
        case 2 if at + 1 < len(word) and word[at] != word[at + 1]:
            return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
        case _:
            other = rng.choice([c for c in "aeinorst" if c != word[at].lower()])
            return word[:at] + other + word[at + 1 :]


def _plain(name: str) -> str:
    return re.sub(r"[-'\u2019]", "", name)


def _diminutive(rng: random.Random, forename: str) -> str:
    return rng.choice(DIMINUTIVES[forename])


WAYS: dict[str, Callable[[random.Random, Held], str]] = {
    "forename and surname": lambda rng, p: f"{p.forename} {p.surname}",
    "surname, forename": lambda rng, p: f"{p.surname}, {p.forename}",
    "surname first": lambda rng, p: f"{p.surname} {p.forename}",
    "with a middle name": lambda rng, p: f"{p.forename} {p.middle or 'Lee'} {p.surname}",
    "surname": lambda rng, p: p.surname,
    "title and surname": lambda rng, p: rng.choice(("Mr ", "Ms ", "Miss ", "Mrs. ")) + p.surname,
    "initial and surname": lambda rng, p: f"{p.forename[0]}. {p.surname}",
    "forename": lambda rng, p: p.forename,
    "of somebody": lambda rng, p: f"{p.forename}'s",
    "diminutive and surname": lambda rng, p: f"{_diminutive(rng, p.forename)} {p.surname}",
    "diminutive": lambda rng, p: _diminutive(rng, p.forename),
    "marks dropped": lambda rng, p: f"{p.forename} {_plain(p.surname)}",
    "slip in the surname, with forename": lambda rng, p: f"{p.forename} {slip(rng, p.surname)}",
    "slip in the forename, with surname": lambda rng, p: f"{slip(rng, p.forename)} {p.surname}",
    "slip in the surname": lambda rng, p: slip(rng, p.surname),
    "forename in small letters": lambda rng, p: p.forename.lower(),
    "surname in small letters": lambda rng, p: p.surname.lower(),
    "small letters": lambda rng, p: f"{p.forename} {p.surname}".lower(),
    "capitals": lambda rng, p: f"{p.forename} {p.surname}".upper(),
}
"""How a name is written. A slip alone is planted in names of six letters and more."""

NAME_SENTENCES = (
    "{} was late but joined in well.",
    "{} did not attend, no reason given.",
    "Spoke to {} after the session about the bus.",
    "My key worker {} was great",
    "I think {} really listened to me.",
    "Group went well. {} opened up about his son.",
    "he said {} told him to come",
    "{} engaged throughout and asked good questions",
    "Phoned {} twice, no answer.",
    "Good session, although {} and another lad were arguing.",
    "Thanks to {} for everything",
    "Met with {} and the probation officer.",
    "Attended with his cousin; {} will bring the form next week.",
    "1-1 with {} in the small room",
    "talked about what happened with {} last year",
    "I am {}",
    "{} is doing much better, has stopped carrying",
    "Only {} turned up today.",
    "Discussed consequences, {} disagreed with the video.",
    "Please move {} to the Tuesday group",
    "Same as last time - {} left early",
    "Could not reach mum, left a message for {}.",
    "{}: quiet, tired, on his phone.",
    "Nobody spoke except {}",
    "The best thing was {}, she made us laugh",
    "New starter today ({}).",
)
OTHER_SENTENCES: dict[Kind, tuple[str, ...]] = {
    "CRN": (
        "CRN {} not on my list",
        "Wrong attendee entered, should be {}",
        "{} transferred from the Monday group",
        "see also {} (brother)",
        "The case number is {}, please check.",
        "I am on probation {}",
    ),
    "PHONE": (
        "call me on {}",
        "New number {} since Friday",
        "Mum can be reached at {} in the evening",
        "{} is his work mobile",
        "text {} before the session",
        "tel: {}",
    ),
    "E-MAIL": (
        "write to {} please",
        "His email is {}.",
        "{} bounced",
        "Send the certificate to {} when done",
    ),
    "POSTCODE": (
        "Moved to {} last month",
        "He lives near {}, far from the centre",
        "hostel at {}",
        "Travel from {} takes two hours.",
    ),
    "DATE OF BIRTH": (
        "DOB {}",
        "born {}",
        "Date of birth {} does not match",
        "He was born on {} so he is an adult",
        "({}) checked ID",
        "d.o.b. {} on the card",
    ),
    "ADDRESS": (
        "Lives at {} with his nan",
        "letter came back from {}",
        "Staying at {} for now",
        "address: {}",
        "He has moved to {}",
        "tag fitted at {}",
    ),
}
NOTHING_PLANTED = (
    "The session in {place} was good.",
    "Started on {date} and finished on {date}.",
    "{number} people came, {number} left early.",
    "Will there be more sessions in May?",
    "I hope it goes on. Mark my words.",
    "Young people were keen to talk.",
    "may need more time, will ask next week",
    "Scored {number} out of 12, session {number} of 12.",
    "Moved from {place} to {place} for the training.",
    "The bus from {place} was late, about {number} minutes",
    "Next group is on {date} at 10:30.",
    "Discussed Instagram and Snapchat; watched the short film.",
    "Too long, and the room was cold",
    "It cost £{number}.50 for the ride, Oyster card empty.",
    "Good session. Grace period explained, trust was discussed.",
    "We talked about joint enterprise law",
    "Worked well in pairs. Walked out once, came back after 5 min.",
    "I learnt that 1 in 4 stabbings is with your own knife",
    "Came back in June, after Easter",
    "Ref 20191104, form {number}b returned to the {place} office",
    "He is keen to find a job at Tesco or Nando's",
    "Really good, thank you all",
    "Arsenal game on, so only {number} came.",
    "Parked the question of gangs for session {number}.",
    "More role play please. Less reading.",
    "Rose to the challenge and was brave.",
    "Felt the pace was right, content clear.",
    "Kings College nurse gave the talk on bleeding",
    "Christian and Muslim views were shared with respect.",
    "He said the knife was for work, a Stanley knife.",
    "The Hall was locked, so we used the library",
)
PLACES = (
    "Lambeth",
    "Brixton",
    "Peckham",
    "Croydon",
    "Brent",
    "Camberwell Green",
    "Stratford",
    "Hackney",
    "Tower Hamlets",
    "Lewisham",
    "Deptford",
    "Thornton Heath",
    "Wood Green",
    "Camden",
    "Elephant and Castle",
    "Barking",
    "Bexley",
    "Canning Town",
    "Islington",
    "Highbury",
)
STREETS = (
    "Mortlake Road",
    "Acre Lane",
    "Fennimore Street",
    "Harbour Avenue",
    "Chapel Close",
    "St John's Hill",
    "Old Mill Way",
    "Queens Crescent",
    "Victoria Gardens",
    "Ashdown Court",
    "Linden Grove",
    "Park View Terrace",
)


def _phone(rng: random.Random) -> str:
    digits = f"{rng.randrange(10**6):06}"
    return rng.choice(
        (
            f"07700 9{digits[:5]}",
            f"077009{digits[:5]}",
            f"07700 {digits[:3]} {digits[3:]}",
            f"+44 7700 {digits}",
            f"+447700{digits}",
            f"020 7946 0{digits[:3]}",
            f"0207 946 0{digits[:3]}",
            f"(020) 7946 0{digits[:3]}",
            f"01632 9{digits[:5]}",
            f"0044 7700 {digits}",
            f"07700-{digits[:3]}-{digits[3:]}",
        )
    )


def _email(rng: random.Random, person: Held) -> str:
    who = _plain(person.surname).replace(" ", "").lower()
    first = person.forename.lower()
    return rng.choice(
        (
            f"{first}.{who}@example.org",
            f"{first}{rng.randrange(100)}@example.com",
            f"{who}_{first[0]}@mail.example.co.uk",
            f"{first.upper()}@EXAMPLE.ORG",
            f"{first}.{who} at example dot com",
        )
    )


def _postcode(rng: random.Random) -> str:
    area = rng.choice(("SE15", "E1", "N17", "SW9", "CR0", "EC1A", "W1T", "BR1", "NW10", "E14"))
    inward = f"{rng.randrange(10)}{rng.choice('ABDEFGH')}{rng.choice('JLNPQRS')}"
    text = area + rng.choice((" ", "", " ")) + inward
    return text.lower() if rng.random() < 0.25 else text


def _birth(rng: random.Random, person: Held) -> str:
    day = person.born
    long = f"{day:%B}"
    ending = (
        {1: "st", 2: "nd", 3: "rd"}.get(day.day % 10, "th") if day.day not in (11, 12, 13) else "th"
    )
    return rng.choice(
        (
            f"{day:%d/%m/%Y}",
            f"{day:%d/%m/%y}",
            f"{day.day}.{day.month}.{day:%Y}",
            f"{day:%d-%m-%Y}",
            f"{day.day} {long} {day:%Y}",
            f"{day.day}{ending} {long} {day:%Y}",
            f"{day.day} {long[:3]} {day:%y}",
            f"{long} {day.day}, {day:%Y}",
            f"{day:%Y-%m-%d}",
        )
    )


def _address(rng: random.Random) -> str:
    street = rng.choice(STREETS)
    number = rng.randrange(1, 240)
    return rng.choice(
        (
            f"{number} {street}",
            f"{number}a {street}",
            f"Flat {rng.randrange(1, 40)}, {number} {street}",
            f"{number} {street.lower()}",
            f"flat {rng.randrange(1, 40)} {number} {street}",
            f"Flat {rng.randrange(1, 40)}, Chatham House",
        )
    )


def _crn(rng: random.Random, person: Held) -> str:
    crn = person.crn
    return rng.choice(
        (crn, crn.lower(), f"{crn[0]} {crn[1:]}", f"{crn[0]}-{crn[1:]}", f"{crn[:4]} {crn[4:]}")
    )


def planted_sentences(
    rng: random.Random, held: Sequence[Held], names: int, others: int, plain: int
) -> list[Sentence]:
    """Sentences with a name, with `others` of each other kind, and `plain` ones with nothing."""
    ways = list(WAYS)
    found: list[Sentence] = []
    for number in range(names):
        way = ways[number % len(ways)]
        person = rng.choice([p for p in held if way != "slip in the surname" or len(p.surname) > 5])
        if "diminutive" in way:
            person = rng.choice([p for p in held if p.forename in DIMINUTIVES])
        found.append(_with(rng.choice(NAME_SENTENCES), WAYS[way](rng, person), "NAME", way))
    makers: dict[Kind, Callable[[Held], str]] = {
        "CRN": lambda p: _crn(rng, p),
        "PHONE": lambda p: _phone(rng),
        "E-MAIL": lambda p: _email(rng, p),
        "POSTCODE": lambda p: _postcode(rng),
        "DATE OF BIRTH": lambda p: _birth(rng, p),
        "ADDRESS": lambda p: _address(rng),
    }
    for kind, make in makers.items():
        for _ in range(others):
            sentence = rng.choice(OTHER_SENTENCES[kind])
            found.append(_with(sentence, make(rng.choice(held)), kind, ""))
    for _ in range(plain):
        text = rng.choice(NOTHING_PLANTED)
        text = re.sub(r"\{place\}", lambda _: rng.choice(PLACES), text)
        text = re.sub(r"\{number\}", lambda _: str(rng.randrange(2, 30)), text)
        text = re.sub(r"\{date\}", lambda _: _session_date(rng), text)
        found.append(Sentence(text, ()))
    rng.shuffle(found)
    return found


def _session_date(rng: random.Random) -> str:
    day = date(2019, 11, 1) + timedelta(days=rng.randrange(400))
    return rng.choice(
        (f"{day:%d/%m/%Y}", f"{day.day} {day:%B %Y}", f"{day:%d/%m/%y}", f"{day:%Y-%m-%d}")
    )


def _with(sentence: str, identifier: str, kind: Kind, way: str) -> Sentence:
    start = sentence.index("{}")
    return Sentence(
        sentence.replace("{}", identifier, 1),
        (Planted(start, start + len(identifier), kind, way),),
    )
