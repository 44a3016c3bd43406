"""What somebody wrote is not lost with their sign-in, comes back to their browser alone, and no page is a dead end."""

import re
from collections.abc import AsyncIterator
from html import unescape
from typing import Any

import httpx
import pytest
from whole_site import HERE, Web, whole_site

from ..sample_events import goal, task

LOG = "/home/a/tasks/tk_one/log"
WORDS = "She pointed at the jam, twice."
AWAY = {"Sec-Fetch-Site": "cross-site"}


def _csrf_of(page: httpx.Response) -> str:
    form = page.text.split("Send again")[0].rsplit("<form", 1)[1]
    found = re.search(r'name="csrf" value="(\w*)"', form)
    assert found, form
    return found[1]


@pytest.fixture
async def web(house: Any) -> AsyncIterator[Web]:
    await house.hears(goal(house.tenant), task(house.tenant, "household:hh_a"))
    async with whole_site(house) as site:
        yield site


async def test_what_was_written_outlives_the_sign_in_and_is_sent_once_in_the_next(web: Web) -> None:
    before = await web.comes_in("ps_mother")
    said = {"result": "did", "words": WORDS}
    await web.house.portal.web_sessions.end(before)
    kept = await web.sends(LOG, before, before.csrf, HERE, **said)
    assert kept.status_code == 401 and f"<p>{WORDS}</p>" in kept.text
    assert re.search(r'href="/sign-in\?next=/signed-in" target="_blank" rel="noopener"', kept.text)
    now = await web.comes_in("ps_mother")
    once_more = await web.sends(LOG, now, _csrf_of(kept), HERE, **said)
    assert once_more.status_code == 403 and f"<p>{WORDS}</p>" in once_more.text
    assert await web.house.journal() == [], "a token of another sign-in writes nothing"
    assert "parent or carer" in once_more.text, "whose name it will be in"
    for _ in range(2):
        sent = await web.sends(LOG, now, _csrf_of(once_more), HERE, **said)
        assert sent.status_code == 303 and "/thanks" in sent.headers["location"]
    assert len(await web.house.journal()) == 1


async def test_whoever_sends_it_once_more_has_read_all_that_goes_along(web: Web) -> None:
    before, now = await web.comes_in("ps_mother"), await web.comes_in("ps_father")
    once_more = await web.sends(LOG, now, before.csrf, HERE, result="couldnt", words="Tired")
    assert once_more.status_code == 403
    assert "<p>couldnt</p>" in once_more.text and "<p>Tired</p>" in once_more.text
    assert "<p>c0ffee</p>" not in once_more.text and f"<p>{now.csrf}</p>" not in once_more.text


async def test_what_was_written_about_a_practice_that_ended_meanwhile_is_kept(web: Web) -> None:
    session = await web.comes_in("ps_mother")
    await web.house.hears(task(web.house.tenant, "household:hh_a", ended=True, words={}))
    kept = await web.sends(LOG, session, session.csrf, HERE, result="did", words=WORDS)
    assert kept.status_code == 422 and "This practice has ended." in kept.text
    assert f"{WORDS}</textarea>" in kept.text and re.search(r'href="/home"[^>]*>.*Today', kept.text)
    father = await web.comes_in("ps_father")
    other = await web.sends(LOG, father, father.csrf, HERE, result="did", words=WORDS)
    assert other.status_code == 404, "of the other home nothing is said"


@pytest.mark.parametrize("said", [{"result": "did", "worry": "change"}, {}])
async def test_words_are_kept_too_where_they_were_to_be_changed_or_nothing_was_tapped(
    web: Web, said: dict[str, str]
) -> None:
    session = await web.comes_in("ps_mother")
    await web.house.hears(task(web.house.tenant, "household:hh_a", ended=True, words={}))
    kept = await web.sends(LOG, session, session.csrf, HERE, words=WORDS, **said)
    assert kept.status_code in (200, 422) and f"{WORDS}</textarea>" in kept.text
    father = await web.comes_in("ps_father")
    for path in (LOG, LOG.replace("tk_one", "tk_none")):
        other = await web.sends(path, father, father.csrf, HERE, words=WORDS, **said)
        assert other.status_code == 404, "of the other home nothing is said"


async def test_going_back_and_choosing_another_answer_makes_no_second_log_in_silence(web: Web) -> None:
    session = await web.comes_in("ps_mother")
    said = {"result": "did", "words": WORDS}
    for _ in range(2):
        assert (await web.sends(LOG, session, session.csrf, HERE, **said)).status_code == 303
    corrected = await web.sends(LOG, session, session.csrf, HERE, **said | {"result": "couldnt"})
    assert corrected.status_code == 409 and "You have sent this already" in corrected.text
    assert f"{WORDS}</textarea>" in corrected.text and "c0ffee" not in corrected.text
    assert len(await web.house.journal()) == 1
    begun = await web.opens(LOG, session)
    assert begun.status_code == 303
    forms = [await web.opens(begun.headers["location"], session) for _ in range(2)]
    own = re.search(r"\?form=(\w{32})$", begun.headers["location"])
    assert own and all(f'name="command_id" value="{own[1]}"' in form.text for form in forms), (
        "it stays itself"
    )
    mother = await web.opens("/home/a/tasks/tk_one/thanks", session)
    assert "<strong>Sent.</strong> Somebody has it now." in mother.text


@pytest.mark.parametrize(
    "sent",
    [
        AWAY,
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
        {},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Referer": "https://evil.example/localhost:8080"},
    ],
)
@pytest.mark.parametrize("signed_in", [False, True])
async def test_what_another_site_sends_is_never_offered_to_be_sent_again(
    web: Web, sent: dict[str, str], signed_in: bool
) -> None:
    session = await web.comes_in("ps_mother") if signed_in else None
    answer = await web.sends(LOG, session, "guessed", sent, result="did", words=WORDS)
    assert answer.status_code == (403 if signed_in else 401)
    assert WORDS not in answer.text and "Send again" not in answer.text
    assert await web.house.journal() == []


@pytest.mark.parametrize(
    "sent", [{"Origin": "http://localhost:8080"}, {"Referer": "http://localhost:8080/home"}]
)
async def test_an_old_phone_gets_its_words_back_too(web: Web, sent: dict[str, str]) -> None:
    answer = await web.sends(LOG, None, "", sent, result="did", words=WORDS)
    assert answer.status_code == 401 and WORDS in answer.text


async def test_a_form_that_says_nothing_is_not_offered_again(web: Web) -> None:
    answer = await web.sends("/home/a/consents/c1/grant", None, "", HERE)
    assert answer.status_code == 401 and "Send again" not in answer.text


async def test_words_go_to_nobody_whom_their_page_is_not_for(web: Web) -> None:
    father = await web.comes_in("ps_father")
    answer = await web.sends(LOG, father, "of-her-sign-in", HERE, result="did", words=WORDS)
    assert answer.status_code in (403, 404) and await web.house.journal() == []
    stranger = await web.comes_in("ps_stranger")
    answer = await web.sends("/staff/clients/a/plan/edit", stranger, "x", HERE, team=WORDS)
    assert answer.status_code == 404 and WORDS not in answer.text


PEOPLE = {
    "ps_mother": (
        "/home",
        "To your own pages",
        ("/home/a/tasks/gone", "/home/nobody", "/school/pupils/a", "/mine"),
    ),
    "ps_teacher": (
        "/school",
        "To your own pages",
        ("/school/pupils/nobody", "/home/a", "/home/nobody", "/x/y"),
    ),
    "ps_stranger": ("/staff/today", "To your own pages", ("/staff/clients/a", "/staff/clients/nobody")),
}


@pytest.mark.parametrize("person_id", PEOPLE)
async def test_not_found_names_its_reader_leads_back_and_is_the_same_for_everything(
    web: Web, person_id: str
) -> None:
    session = await web.comes_in(person_id)
    home, link, addresses = PEOPLE[person_id]
    pages = [await web.opens(path, session) for path in addresses]
    assert {page.status_code for page in pages} == {404}
    for page in pages:
        assert "<h1>Something here has ended</h1>" in page.text and "Sign out" in page.text
        assert "If you could see it before, ring" in page.text and link in page.text
        assert (
            f'href="{home}"' in page.text
            and 'aria-label="Pages"' in page.text
            and 'id="live"' not in page.text
        )


@pytest.mark.parametrize(
    ("person_id", "there", "never"),
    [
        ("ps_teacher", "/home/a", "/home/nobody"),
        ("ps_mother", "/school/pupils/a", "/school/pupils/nobody"),
        ("ps_mother", "/home/a/tasks/gone", "/home/nobody/tasks/gone"),
        ("ps_stranger", "/staff/clients/a", "/staff/clients/nobody"),
    ],
)
async def test_what_is_not_for_the_reader_is_byte_for_byte_what_never_was(
    web: Web, person_id: str, there: str, never: str
) -> None:
    session = await web.comes_in(person_id)
    first, second = await web.opens(there, session), await web.opens(never, session)
    assert first.status_code == second.status_code == 404
    assert first.content == second.content and sorted(first.headers.items()) == sorted(second.headers.items())


@pytest.mark.parametrize(
    ("person_id", "form", "page"),
    [
        ("ps_mother", "/home/a/plan/g_one", "/home/a/plan"),
        ("ps_mother", "/home/a/consents/c1/grant", "/home/a/consents"),
        ("ps_teacher", "/school/pupils/a/plan/g_one", "/school/pupils/a/plan"),
        ("ps_mother", "/messages-for-you/tn/seen", "/messages-for-you"),
        ("ps_therapist", "/staff/clients/a/notes/n1/sign", "/staff/clients/a/notes/n1"),
        ("ps_mother", "/home/nobody/plan/g_one", "/home/nobody/plan"),
    ],
)
async def test_a_forms_own_address_leads_to_the_page_it_stands_on(
    web: Web, person_id: str, form: str, page: str
) -> None:
    answer = await web.opens(form, await web.comes_in(person_id))
    assert (answer.status_code, answer.headers["location"]) == (303, page)


@pytest.mark.parametrize("path", ["/language", "/looks", "/how-kith-keeps-things", "/signed-in"])
async def test_pages_for_everybody_name_who_is_signed_in_and_open_without(web: Web, path: str) -> None:
    teacher, staff = await web.comes_in("ps_teacher"), await web.comes_in("ps_therapist")
    assert "Sign out" in (page := (await web.opens(path, teacher)).text) and "My pupils" in unescape(page)
    assert "Caseload" in (await web.opens(path, staff)).text
    nobody = await web.opens(path)
    assert nobody.status_code == 200 and "Sign out" not in nobody.text


async def test_a_page_for_everybody_opens_when_nothing_can_be_told(
    web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = await web.comes_in("ps_mother")

    async def fails(*_: object) -> None:
        raise OSError("the database is down")

    monkeypatch.setattr(web.house.portal.web_sessions, "find", fails)
    for path in ("/language", "/help-now", "/looks"):
        assert (await web.opens(path, session)).status_code == 200


async def test_help_now_knows_nobody(web: Web) -> None:
    session = await web.comes_in("ps_mother")
    assert (await web.opens("/help-now", session)).content == (await web.opens("/help-now")).content


async def test_a_character_that_cannot_be_kept_costs_no_other(web: Web) -> None:
    session = await web.comes_in("ps_mother")
    answer = await web.sends(LOG, session, session.csrf, HERE, result="did", words="We tried \x00it twice")
    assert answer.status_code == 400 and "held a character that nothing here can keep" in answer.text
    assert "<p>We tried it twice</p>" in answer.text and await web.house.journal() == []
    hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', answer.text))
    again = await web.sends(
        LOG, session, hidden["csrf"], HERE, **{n: v for n, v in hidden.items() if n != "csrf"}
    )
    assert again.status_code == 303 and len(await web.house.journal()) == 1


async def test_a_form_that_cannot_be_read_says_so_and_what_to_do(web: Web) -> None:
    session = await web.comes_in("ps_mother")
    answer = await web.sends(LOG, session, session.csrf, AWAY, words="one\x00two")
    assert answer.status_code == 400 and "one" not in re.findall(r"<p>([^<]*)</p>", answer.text)
    assert "This could not be read" in answer.text
    assert "NUL character. Leave the character out." in unescape(answer.text)


async def test_a_page_that_does_not_work_like_that_says_what_its_address_takes(web: Web) -> None:
    page = await web.http.delete("/looks", headers={"Accept": "text/html"})
    assert page.status_code == 405 and "This does not work like that" in page.text
    assert page.headers.get_list("allow") == ["GET, HEAD, POST"]
