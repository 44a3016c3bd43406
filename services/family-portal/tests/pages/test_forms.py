"""What is wrong with a form is said in words for people, and leads to a field that the page has."""

from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from site_app import acting
from starlette.requests import Request
from starlette.types import Message

from chassis.errors import BadRequest, Conflict
from chassis.problems import validation_problem
from family_portal.web import family
from family_portal.web import models as m
from family_portal.web.forms import MOVED, errors_of, typed
from family_portal.web.macro_items import error_items

from ..sample_events import goal, task


def nobody(request: httpx.Request) -> httpx.Response:
    """No other service is asked."""
    raise AssertionError(request.url)


def test_a_version_that_moved_on_leads_to_no_field_and_is_said_in_words_for_people() -> None:
    moved = Conflict("Its doc_version is 8 now.", "If-Match", "Send the doc_version.", version=8)
    errors = errors_of(moved, {})
    assert error_items(m.Form("/", errors=errors)) == [{"text": MOVED}]


def test_a_wrong_value_is_not_called_by_its_program_s_name_beside_its_field() -> None:
    wrong = {"type": "string_too_long", "loc": ("body", "words"), "ctx": {"max_length": 2000}}
    problem = validation_problem([wrong])
    assert problem.detail == "`words` is too long."
    assert [e.text for e in errors_of(problem, {})] == ["This is too long. Write at most 2000 characters."]
    assert [e.text for e in errors_of(problem, {}, {"words": "Your words"})] == [
        "Your words: this is too long. Write at most 2000 characters."
    ]


async def test_a_file_is_not_taken_for_words() -> None:
    visitor: Any = SimpleNamespace(session=SimpleNamespace(csrf="c"))
    part = '--x\r\nContent-Disposition: form-data; name="{}"{}\r\n\r\n{}\r\n'
    words = part.format("words", '; filename="a.txt"', "hello")
    body = (part.format("csrf", "", "c") + words + "--x--\r\n").encode()
    headers = [(b"content-type", b"multipart/form-data; boundary=x")]

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    request = Request({"type": "http", "method": "POST", "headers": headers}, receive)
    with pytest.raises(BadRequest) as refused:
        await typed(request, visitor)
    assert refused.value.field == "words"


async def test_words_far_too_long_for_any_field_are_named_and_kept(house: Any) -> None:
    await house.hears(goal(house.tenant), task(house.tenant, "household:hh_a"))
    log, words = "/home/a/tasks/tk_one/log", "long " * 60_000
    async with acting(house, "ps_mother", family.router, handle=nobody) as mother:
        answer = await mother.sends(log, await mother.opens(log), words=words, result="did")
    assert answer.status_code == 422
    assert "longer than 2000 characters" in answer.text and words.strip() in answer.text
