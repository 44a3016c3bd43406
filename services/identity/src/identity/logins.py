"""What somebody types to sign in: an e-mail, a phone number or a username, in one spelling each."""

import re
import unicodedata

_PHONE = re.compile(r"\+?[\d\s().\-/]{6,30}")


def normal_login(typed: str) -> str:
    """One spelling for everything that means the same: phones as digits, all else without case."""
    text = unicodedata.normalize("NFKC", typed).strip()
    if _PHONE.fullmatch(text):
        return "".join(char for char in text if char.isdigit())
    return text.casefold()
