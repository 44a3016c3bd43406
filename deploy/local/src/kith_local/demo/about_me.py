"""What clients want others to know: the pack's lines about them, and for those it says so, the yes to each."""

from functools import partial
from typing import Any

from kith_local.demo.content_pack import read
from kith_local.demo.organisations import Loaded, tenant_of
from kith_local.demo.waiting import eventually

ONE_PAGE = "one_page"
FROM_WISHES = {"pr_kofi_look": ("cl_kofi", 2)}
"""Lines of a one-page profile that began as a wish of school: it is the answer that puts them there."""
OWN_FROM = 13
"""From this age on one writes one's own page; before, those who know a child write it with them."""


def load_about_me(loaded: Loaded) -> None:
    """Every page of the pack; in a page's own order, and where the pack names who said yes, with their yes."""
    for client in read("clients")["clients"]:
        _headings(loaded, client)
    taken = set(FROM_WISHES.values())
    for profile in read("clients")["one_page_profiles"]:
        client_id = profile["client"]
        for number, words in enumerate(profile["lines"]):
            if (client_id, number) not in taken:
                line = {"id": line_id(client_id, ONE_PAGE, number), "heading": ONE_PAGE, "words": words}
                _write(loaded, _lead(client_id), client_id, line)
                say_yes(loaded, client_id, str(line["id"]))


def wished_line(wish_id: str) -> dict[str, Any] | None:
    """The line that the answer to a wish puts on the page; None where it is none."""
    if wish_id not in FROM_WISHES:
        return None
    client_id, number = FROM_WISHES[wish_id]
    profile = next(each for each in read("clients")["one_page_profiles"] if each["client"] == client_id)
    return {
        "id": line_id(client_id, ONE_PAGE, number),
        "heading": ONE_PAGE,
        "words": profile["lines"][number],
    }


def say_yes(loaded: Loaded, client_id: str, line: str) -> None:
    """The yes of a child who does not sign in: the first guardian whom the pack names says how they were asked."""
    profile = next(each for each in read("clients")["one_page_profiles"] if each["client"] == client_id)
    guardian = next(each for each in profile["approved_by"] if each != client_id)
    consent = next(c for c in read("people")["consents"] if c["client"] == client_id and "assent" in c)
    asked = {"how": consent["assent"]["how"], "came_back": consent["assent"]["state"]}
    person = loaded.person(guardian, "care")
    path = f"{_path(client_id)}/{line}/approve"
    post = partial(person.post, "care-plans", path, {"asked": asked}, key=f"demo-{line}-yes", version=1)
    eventually(post)


def line_id(client_id: str, heading: str, number: int) -> str:
    """The id of a line of the pack."""
    return f"ab_{client_id.removeprefix('cl_')}_{heading}_{number}"


def _headings(loaded: Loaded, client: dict[str, Any]) -> None:
    """A line for each heading: one's own words by oneself, a child's by who leads their case."""
    own = client.get("person")
    author = own if own and client["age"] >= OWN_FROM else _lead(client["id"])
    for heading, told in client["about_me"].items():
        line = {"id": line_id(client["id"], heading, 0), "heading": heading, "words": _said(told)}
        _write(loaded, author, client["id"], line)
        if own and author != own:
            _own_yes(loaded, own, client["id"], str(line["id"]))


def _said(told: Any) -> str:
    """One line of what the pack lists; YAML reads a bare `yes` as a truth."""
    if isinstance(told, bool):
        return "yes" if told else "no"
    return "; ".join(map(_said, told)) if isinstance(told, list) else str(told)


def _own_yes(loaded: Loaded, own: str, client_id: str, line: str) -> None:
    """A child who signs in says yes themself."""
    path = f"{_path(client_id)}/{line}/approve"
    post = partial(loaded.person(own, "care").post, "care-plans", path, {}, key=f"demo-{line}-yes", version=1)
    eventually(post)


def _write(loaded: Loaded, author: str, client_id: str, line: dict[str, Any]) -> None:
    person = loaded.person(author)
    eventually(partial(person.post, "care-plans", _path(client_id), line, key=f"demo-{line['id']}"))


def _lead(client_id: str) -> str:
    rows = [row for row in read("people")["assignments"] if row.get("client") == client_id]
    return next(str(row["staff"]) for row in rows if row["purpose"].startswith("lead"))


def _path(client_id: str) -> str:
    return f"/tenants/{tenant_of(client_id)}/clients/{client_id}/about"
