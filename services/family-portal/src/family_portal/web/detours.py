"""Where a browser is sent before it gets a page: to the door, or to an address of its form's own."""

from fastapi import FastAPI

from family_portal.web.forms import NewForm, to_new_form
from family_portal.web.visitor import SignInFirst, to_the_door


def add_detours(app: FastAPI) -> None:
    """Let an app's pages send browsers elsewhere first."""
    app.add_exception_handler(SignInFirst, to_the_door)
    app.add_exception_handler(NewForm, to_new_form)
