"""What somebody types to sign in: an e-mail, a phone number or a username, in one spelling each."""

import re
import unicodedata

_PHONE = re.compile(r"\+?[\d\s().\-/]{6,30}")


def normal_login(typed: str) -> str:
    """One spelling for everything that means the same: phones as digits, all else without case.

    A British number is the same with its country code as without.
    """
    text = unicodedata.normalize("NFKC", typed).strip()
    if _PHONE.fullmatch(text):
        return _british("".join(char for char in text if char.isdigit()))
    return text.casefold()


def _british(digits: str) -> str:
    """A number of this country without its country code, with the nought it is dialled with at home."""
    rest = digits.removeprefix("00")
    own = rest.removeprefix("44").lstrip("0")
    return f"0{own}" if rest.startswith("44") and len(own) in (9, 10) else digits
