"""Whether each spelling of a code in `dpia.yaml` means one code, and something that can arrive."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from safer_streets_assets.policy.base import Mistake
from safer_streets_assets.policy.sources import spelling_of_code
from safer_streets_assets.policy.whole import Policy


def codes_mistakes(policy: Policy) -> Iterator[Mistake]:
    """What is said of codes is of codes that there are, each under spellings of its own."""
    dpia = policy.dpia
    for part, listed in (
        ("code_synonyms", {n: list(read.values()) for n, read in dpia.code_synonyms.items()}),
        ("special_category_codes", dpia.special_category_codes),
        ("unknown_codes", dpia.unknown_codes),
    ):
        for name, codes in listed.items():
            if name not in dpia.code_lists:
                yield _at(
                    f"{part}.{name}",
                    f"code list {name} is not under code_lists; add or correct it",
                )
            for code in codes:
                if code not in dpia.code_lists.get(name, {code: ""}):
                    yield _at(f"{part}.{name}", f"{code} is not a code of {name}; correct it")
    for name, own in dpia.code_lists.items():
        yield from _spellings(name, own, dpia.code_synonyms.get(name, {}))


def _spellings(
    name: str, codes: Mapping[str, str], synonyms: Mapping[str, str]
) -> Iterator[Mistake]:
    """Every spelling can be matched by a text that arrives, and means one code."""
    read: dict[str, str] = {}
    for part, spelling in (
        *(("code_lists", code) for code in codes),
        *(("code_synonyms", synonym) for synonym in synonyms),
    ):
        place, own = f"{part}.{name}.{spelling}", spelling.lower()
        if not spelling_of_code(spelling):
            yield _at(f"{part}.{name}", "one of them is blank, and matches nothing; take it out")
        elif spelling_of_code(spelling) != own:
            yield _at(
                place,
                "what arrives is read without blanks around it and without .0 at its end, so that "
                f"this matches nothing; write {spelling_of_code(spelling)}",
            )
        numbers = {str(int(own))} if part == "code_lists" and own.isdecimal() else set()
        for one in sorted({own} | numbers):
            if one in read:
                yield _at(
                    place,
                    f"{spelling} is read as {read[one]}, whose spelling it is in other letters or "
                    "zeros; take it out",
                )
            read[one] = spelling


def _at(place: str, what: str) -> Mistake:
    return Mistake("dpia.yaml", place, what)
