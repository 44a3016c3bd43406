"""Jurisdiction packs: the ages at which privacy, own consent and majority begin, and their dates."""

from dataclasses import dataclass
from datetime import date

from chassis.errors import Invalid


@dataclass(frozen=True)
class JurisdictionPack:
    """Starting values of one jurisdiction; an organisation's own adviser confirms them."""

    name: str
    privacy_age: int
    consent_age: int
    majority_age: int


PACKS = {
    pack.name: pack
    for pack in (
        JurisdictionPack("england", privacy_age=13, consent_age=16, majority_age=18),
        # Where a state or nation decides, the pack starts at the value that opens least without a guardian.
        JurisdictionPack("us_default", privacy_age=13, consent_age=18, majority_age=18),
        JurisdictionPack("eu_default", privacy_age=16, consent_age=18, majority_age=18),
    )
}


@dataclass(frozen=True)
class Thresholds:
    """The three dates that stand in the access document; the birthday itself stays sealed."""

    privacy_from: date
    consents_from: date
    majority_from: date


def pack_named(name: str) -> JurisdictionPack:
    """The pack of that name; raises Invalid naming the packs there are."""
    if name not in PACKS:
        raise Invalid(
            "There is no jurisdiction pack of that name.",
            field="jurisdiction_pack",
            fix=f"Choose one of: {', '.join(sorted(PACKS))}.",
        )
    return PACKS[name]


def thresholds(pack: JurisdictionPack, birth_year: int, birth_month: int) -> Thresholds:
    """The dates for somebody born in that month: the first of the month, since the day is not kept."""
    return Thresholds(
        privacy_from=date(birth_year + pack.privacy_age, birth_month, 1),
        consents_from=date(birth_year + pack.consent_age, birth_month, 1),
        majority_from=date(birth_year + pack.majority_age, birth_month, 1),
    )


def birth_of(age: int, birth_month: int | None, today: date) -> tuple[int, int]:
    """Year and month of birth of somebody who is `age` today; without a month, the youngest they can be."""
    month = birth_month or today.month
    had_birthday = month <= today.month
    return today.year - age - (0 if had_birthday else 1), month
