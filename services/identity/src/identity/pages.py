"""The pages of the door: rendered here, dressed by the web tier's stylesheet."""

from typing import Any

from jinja2 import ChainableUndefined, ChoiceLoader, Environment, PackageLoader, select_autoescape

_pages = Environment(
    loader=ChoiceLoader([PackageLoader("identity"), PackageLoader("nhsuk_frontend_jinja")]),
    autoescape=select_autoescape(default=True),
    undefined=ChainableUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)

ERRORS: dict[str, dict[str, Any]] = {
    "wrong": {
        "title": "That did not fit",
        "text": "Check what you typed and try again. Nothing is locked.",
        "list": [{"text": "Look at the username, phone or e-mail, and the password", "href": "#who"}],
        "field": "This and the password do not belong together",
    },
    "account": {
        "title": "A short pause",
        "text": "Those were a few tries in a row. Wait {wait}, then try again. Nothing is locked.",
        "list": [],
    },
    "address": {
        "title": "A short pause",
        "text": "Many sign-ins were tried from where you are. Wait {wait}, then try again. Nothing is locked.",
        "list": [],
    },
    "other_door": {
        "title": "This is not your door",
        "text": "What you typed is right, but nothing opens for you here. Try the other door, named below.",
        "list": [],
    },
    "stale": {
        "title": "This page was open for a while",
        "text": "Type your password once more.",
        "list": [],
    },
}


def look_of(cookie: str) -> dict[str, str]:
    """How this browser wants pages to look, out of the web tier's cookie; the template checks each word."""
    return dict(zip(("theme", "contrast", "calm", "text"), cookie.split("."), strict=False))


def sign_in_page(
    *, area: str, query: str, form: str, look: str, who: str = "", error: str | None = None, minutes: int = 1
) -> str:
    """The page to come in by; `query` is the authorization request, sent back as it came."""
    wait = "a minute" if minutes == 1 else f"{minutes} minutes"
    told = {**ERRORS[error], "text": ERRORS[error]["text"].format(wait=wait)} if error else None
    page = _pages.get_template("sign_in.html")
    return page.render(area=area, query=query, form=form, look=look_of(look), who=who, error=told)


def said_page(title: str, text: str, *, look: str, code: str | None = None) -> str:
    """A page that says one thing."""
    return _pages.get_template("said.html").render(title=title, text=text, look=look_of(look), code=code)
