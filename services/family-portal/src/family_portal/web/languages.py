"""In which language somebody reads a card: the languages' own names, which way they run, and the reader's choice."""

import re
from hashlib import sha256

from fastapi import Request, Response

COOKIE = "kith-reading"
ASKED = "words"
"""The parameter of an address that chooses a language for its reader, from now on."""
ORIGINAL = "original"
_LANGUAGE = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")
_MARK = 16

NAMES: dict[str, tuple[str, str]] = {
    "ar": ("العربية", "Arabic"), "bn": ("বাংলা", "Bengali"), "cy": ("Cymraeg", "Welsh"), "de": ("Deutsch", "German"),
    "en": ("English", "English"), "es": ("Español", "Spanish"), "fa": ("فارسی", "Persian"),
    "fr": ("Français", "French"), "he": ("עברית", "Hebrew"), "hi": ("हिन्दी", "Hindi"), "it": ("Italiano", "Italian"),
    "ja": ("日本語", "Japanese"), "lt": ("Lietuvių", "Lithuanian"), "pa": ("ਪੰਜਾਬੀ", "Punjabi"),
    "pl": ("Polski", "Polish"), "ps": ("پښتو", "Pashto"), "pt": ("Português", "Portuguese"),
    "ro": ("Română", "Romanian"), "so": ("Soomaali", "Somali"), "sv": ("Svenska", "Swedish"),
    "ta": ("தமிழ்", "Tamil"), "tr": ("Türkçe", "Turkish"), "uk": ("Українська", "Ukrainian"), "ur": ("اردو", "Urdu"),
}  # fmt: skip
"""What each language calls itself, and what English calls it."""
RIGHT_TO_LEFT = frozenset({"ar", "fa", "he", "ps", "ur", "ckb", "yi", "sd", "ug", "dv"})


def own_name(language: str) -> str:
    """What a language calls itself; its code where that is not known."""
    return NAMES.get(language, (language, language))[0]


def english_name(language: str) -> str:
    """What English calls a language; its code where that is not known."""
    return NAMES.get(language, (language, language))[1]


def direction(language: str) -> str:
    """Which way it runs, as `dir` takes it."""
    return "rtl" if language.partition("-")[0] in RIGHT_TO_LEFT else "ltr"


def chosen(request: Request, person_id: str) -> str:
    """The language this person reads in: as asked for now, or else as they chose before. Empty for the original."""
    asked = request.query_params.get(ASKED)
    if asked is not None:
        return asked if _LANGUAGE.fullmatch(asked) and asked != ORIGINAL else ""
    language, _, mark = request.cookies.get(COOKIE, "").partition(".")
    return (
        language
        if mark == _mark(person_id) and _LANGUAGE.fullmatch(language) and language != ORIGINAL
        else ""
    )


def remember(answer: Response, request: Request, person_id: str, language: str) -> Response:
    """Keep what was asked for now. The choice is this person's: whoever else uses the browser has their own."""
    if request.query_params.get(ASKED) is None:
        return answer
    secure = request.url.scheme == "https"
    value = f"{language or ORIGINAL}.{_mark(person_id)}"
    answer.set_cookie(COOKIE, value, max_age=31_536_000, httponly=True, samesite="lax", secure=secure)
    return answer


def _mark(person_id: str) -> str:
    return sha256(f"reading|{person_id}".encode()).hexdigest()[:_MARK]
