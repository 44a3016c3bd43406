"""Every sentence that says who sees something names exactly those whom the policy lets, whoever reads it."""

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from site_app import Person, acting

from chassis.errors import NotFound
from contracts.care_plans import GoalState
from contracts.classes import DataClass
from contracts.identity import Names
from family_portal.web import consents, family, mine, school, who_can_see
from policy.days import day_of
from policy.filters import shows

from ..conftest import LONG_AGO, ROLES
from ..sample_events import EVERYONE, goal, private_goal, private_task, task

PEOPLE = tuple(person for person in ROLES if person != "ps_stranger")
SHARED = (DataClass.PLAN_PLAIN, DataClass.PLAN_SCHOOL, DataClass.PLAN_OWN)
USUAL = {"state": "granted", "begins": LONG_AGO}
TEACHER = {"id": "c1", "recipients": ["ps_teacher"], "classes": ["plan_school", "observation"], **USUAL}
FRIEND = {
    "id": "c9", "recipients": ["ps_friend"], "needs_acceptance": True, "accepted_by": ["ps_friend"], **USUAL,
}  # fmt: skip
WORK = {"id": "a1", "person_id": "ps_therapist", "purpose": "lead", "lead": True, "begins": LONG_AGO}
SUPERVISION = {"person_id": "ps_supervisor", "supervisee_id": "ps_therapist", "begins": LONG_AGO}
AT_HOME = (consents.router, who_can_see.router, family.router)
SEEN = re.compile(r'class="k-seen".*?</svg>\s*(.*?)</span>', re.S)


def nobody(request: httpx.Request) -> httpx.Response:
    """No other service is there."""
    return httpx.Response(404, json={"title": "Not found", "status": 404})


@pytest.fixture(autouse=True)
async def known(house: Any) -> None:
    """A family with a supervised therapist, whose names are their ids; a goal for everybody."""
    for person in ROLES:
        await house.named(person, Names(names={"everyone": person}))
    await facts(house)
    await house.hears(goal(house.tenant))


async def facts(house: Any, *consents: dict[str, Any], **changes: Any) -> None:
    whole = {"consents": [TEACHER, *consents], "supervisions": [SUPERVISION], "assignments": [WORK]}
    await house.knows(rev=2, **(whole | changes))


@pytest.fixture
async def mother(house: Any) -> AsyncIterator[Person]:
    async with acting(house, "ps_mother", *AT_HOME, handle=nobody) as person:
        yield person


@pytest.fixture
async def teen(house: Any) -> AsyncIterator[Person]:
    async with acting(house, "ps_teen", *AT_HOME, mine.router, handle=nobody) as person:
        yield person


@pytest.fixture
async def teacher(house: Any) -> AsyncIterator[Person]:
    async with acting(house, "ps_teacher", school.router, handle=nobody) as person:
        yield person


async def readers(
    house: Any, reader: str, classes: tuple[DataClass, ...], parties: tuple[str, ...], goal_id: str = "g_one"
) -> set[str]:
    """Who besides the reader reads it, each asked by what their own sign-in opens."""
    found = set()
    for person in PEOPLE:
        try:
            grants = await house.chassis.access.grants(house.caller(person), "cl_a")
        except NotFound:
            continue
        if any(shows(grants, each, parties, goal_id) for each in classes):
            found.add(person)
    return found - {reader}


def lines(page: httpx.Response) -> list[str]:
    """What the page says of who sees things, in its order."""
    assert page.status_code == 200, page.text
    return [" ".join(text.split()) for text in SEEN.findall(page.text)]


def named(text: str) -> set[str]:
    return set(re.findall(r"ps_\w+", text))


async def test_a_log_is_read_by_its_own_home_and_the_team_alone(house: Any, mother: Person) -> None:
    await house.hears(task(house.tenant, "household:hh_a", "household:hh_b"))
    (line,) = lines(await mother.opens("/home/a/tasks/tk_one/log"))
    assert named(line) == await readers(house, "ps_mother", (DataClass.TASK_LOG,), ("household:hh_a",))
    assert line == "You, ps_therapist and ps_supervisor. The other home does not see it."


async def test_a_task_is_seen_by_the_homes_it_is_for(house: Any, mother: Person) -> None:
    for homes in (("household:hh_a",), ("household:hh_a", "household:hh_b", "client")):
        await house.hears(task(house.tenant, *homes))
        (line,) = lines(await mother.opens("/home/a/tasks/tk_one"))
        assert named(line) == await readers(house, "ps_mother", (DataClass.TASK,), homes)
        assert ("other home" in line) is ("ps_father" not in named(line))


async def test_a_young_persons_own_log_is_not_seen_at_home(house: Any, teen: Person) -> None:
    await house.hears(task(house.tenant, "client"))
    page = await teen.opens("/mine/tasks/tk_one/log")
    (line,) = lines(page)
    assert named(line) == await readers(house, "ps_teen", (DataClass.TASK_LOG,), ("client",))
    assert line.endswith("Nobody at home or at school sees it.")
    assert "I did it" in page.text and "We did it" not in page.text


@pytest.mark.parametrize("parties", [EVERYONE, ("guardians", "client"), ("guardians", "school")])
@pytest.mark.parametrize("path", ["/home/a", "/home/a/plan"])
async def test_a_goal_names_who_reads_it_in_any_wording(
    house: Any, mother: Person, parties: tuple[str, ...], path: str
) -> None:
    await house.hears(goal(house.tenant, parties=parties))
    (line,) = lines(await mother.opens(path))
    assert named(line) == await readers(house, "ps_mother", SHARED, parties)
    assert {"ps_father", "ps_therapist", "ps_supervisor"} <= named(line)


async def test_goals_with_other_readers_say_so_each(house: Any, mother: Person) -> None:
    await house.hears(goal(house.tenant, "g_two", parties=("guardians",)))
    for path in ("/home/a", "/home/a/plan"):
        found = lines(await mother.opens(path))
        found.remove("Each goal says who sees it")
        first, second = found
        assert named(first) == await readers(house, "ps_mother", SHARED, EVERYONE)
        assert named(second) == await readers(house, "ps_mother", SHARED, ("guardians",), "g_two")


async def test_a_goal_narrowed_to_another_is_not_said_to_be_read(house: Any, mother: Person) -> None:
    await facts(house, TEACHER | {"only_goals": ["g_two"]}, consents=[TEACHER | {"only_goals": ["g_two"]}])
    (line,) = lines(await mother.opens("/home/a"))
    assert named(line) == await readers(house, "ps_mother", SHARED, EVERYONE)
    assert "ps_teacher" not in named(line)


async def test_a_private_goal_is_read_by_the_whole_team_and_nobody_at_home(house: Any, teen: Person) -> None:
    await house.hears(private_goal(house.tenant))
    (line,) = lines(await teen.opens("/mine/goals/g_mine"))
    assert named(line) == await readers(house, "ps_teen", (DataClass.PLAN_PRIVATE,), ("client",), "g_mine")
    assert line == "You, ps_therapist and ps_supervisor. Nobody at home or at school sees it."


async def test_who_was_let_into_the_private_part_is_named_there(house: Any, teen: Person) -> None:
    await facts(house, FRIEND | {"classes": ["plan_plain", "plan_private"]})
    await house.hears(private_goal(house.tenant, parties=("client", "network")))
    (line,) = lines(await teen.opens("/mine/goals/g_mine"))
    parties = ("client", "network")
    assert named(line) == await readers(house, "ps_teen", (DataClass.PLAN_PRIVATE,), parties, "g_mine")
    assert "ps_friend" in named(line) and "Nobody" not in line


async def test_a_private_goal_on_my_plan_does_not_stand_under_my_parents_names(
    house: Any, teen: Person
) -> None:
    await house.hears(private_goal(house.tenant))
    page = (await teen.opens("/mine/plan")).text
    said = {
        goal_id: named(SEEN.findall(page.split(f'id="goal-{goal_id}"')[1])[0])
        for goal_id in ("g_one", "g_mine")
    }
    assert said["g_one"] == await readers(house, "ps_teen", SHARED, EVERYONE)
    assert said["g_mine"] == await readers(house, "ps_teen", (DataClass.PLAN_PRIVATE,), ("client",), "g_mine")
    await house.hears(goal(house.tenant, ended=True, words={}))
    assert "ps_mother" not in (await teen.opens("/mine/plan")).text


async def test_a_private_task_and_its_log_are_the_clients_and_the_teams(house: Any, teen: Person) -> None:
    await house.hears(private_goal(house.tenant), private_task(house.tenant))
    for path in ("/mine/tasks/tk_mine", "/mine/tasks/tk_mine/log"):
        (line,) = lines(await teen.opens(path))
        assert named(line) == {"ps_therapist", "ps_supervisor"}


@pytest.mark.parametrize("path", ["/school/pupils/a", "/school/pupils/a/plan"])
async def test_school_is_told_of_school_and_team(house: Any, teacher: Person, path: str) -> None:
    await facts(house, FRIEND | {"classes": ["plan_plain"]})
    (line,) = lines(await teacher.opens(path))
    wording = (DataClass.PLAN_SCHOOL,)
    assert named(line) == await readers(house, "ps_teacher", wording, EVERYONE)
    assert named(line) == {"ps_therapist", "ps_supervisor"}


RESTRICTED = {
    "id": "r2", "person_id": "ps_father", "kind": "parent", "authority": "court_restricted", "begins": LONG_AGO,
}  # fmt: skip


@pytest.mark.parametrize("authority", ["court_restricted", "limited"])
@pytest.mark.parametrize("path", ["/school/pupils/a", "/school/pupils/a/plan"])
async def test_school_is_told_of_no_parent_whom_a_consent_names(
    house: Any, teacher: Person, authority: str, path: str
) -> None:
    both = TEACHER | {"recipients": ["ps_teacher", "ps_father"]}
    alone = TEACHER | {"id": "c4", "recipients": ["ps_father"]}
    tie = RESTRICTED | {"authority": authority}
    await facts(house, relationships=[tie], consents=[both, alone])
    (line,) = lines(await teacher.opens(path))
    assert line == "You, ps_therapist and ps_supervisor"


async def test_a_parent_is_not_told_whom_a_young_person_chose_and_reads_that_there_may_be_some(
    house: Any, mother: Person
) -> None:
    today = day_of(datetime.now(UTC))
    alone = {"consents_from": today - timedelta(days=1)}
    said = []
    for chosen in ([TEACHER], []):
        await facts(house, consents=chosen, **alone)
        said += lines(await mother.opens("/home/a"))
    assert said[0] == said[1] and "ps_teacher" not in said[0]
    assert "and whoever Somebody has chosen" in said[0]


async def test_what_is_private_leaves_no_trace_on_a_parents_lines(house: Any, mother: Person) -> None:
    before = lines(await mother.opens("/home/a"))
    await house.hears(private_goal(house.tenant))
    await facts(house, FRIEND | {"classes": ["plan_plain", "plan_private"]})
    assert lines(await mother.opens("/home/a")) == before


async def test_who_has_left_is_named_no_more(house: Any, mother: Person) -> None:
    await facts(house, assignments=[WORK | {"ends": LONG_AGO + timedelta(days=1)}])
    (line,) = lines(await mother.opens("/home/a"))
    assert named(line) == {"ps_father", "ps_teen", "ps_teacher"}


async def test_an_answer_says_who_reads_it(house: Any, mother: Person) -> None:
    await house.hears(goal(house.tenant, state=GoalState.PROPOSED))
    page = (await mother.opens("/home/a/plan")).text
    told = page.split("Who reads your answer: ")[1].split("<")[0]
    own = ("person:ps_mother",)
    assert named(told) == await readers(house, "ps_mother", (DataClass.PLAN_PLAIN,), own)
    assert told.strip().endswith("The other home does not see it.")


def people(page: httpx.Response) -> dict[str, str]:
    """Name and sentence of everybody on the page of who can see."""
    assert page.status_code == 200, page.text
    found = re.findall(r"<strong>(\w+)</strong>\s*(.*?)</p>", page.text, re.S)
    return {name: " ".join(text.split()) for name, text in found}


async def opened(house: Any, person: str) -> set[DataClass]:
    try:
        grants = await house.chassis.access.grants(house.caller(person), "cl_a")
    except NotFound:
        return set()
    return {data_class for data_class in DataClass if grants.may(data_class)}


async def agree_with_the_policy(house: Any, told: dict[str, str], reader: str, *, own: bool) -> None:
    """Each phrase of each person stands there exactly where the policy opens its class to them."""
    words = {"ps_therapist": who_can_see.TEAM, "ps_supervisor": who_can_see.TEAM}
    words |= {"ps_teacher": who_can_see.OUTSIDE, "ps_friend": who_can_see.OUTSIDE}
    for name, text in told.items():
        person = reader if name == "You" else name
        if person == "ps_teen":
            continue
        seen = text.split("Agreed as well")[0].replace("your", "their")
        held = await opened(house, person)
        for data_class, phrases in words.get(person, who_can_see.HOME).items():
            if phrases[own]:
                assert (phrases[own] in seen) is (data_class in held), (person, data_class, text)


async def test_who_can_see_says_of_each_what_the_policy_opens(house: Any, mother: Person) -> None:
    told = people(await mother.opens("/home/a/who-can-see"))
    assert list(told) == ["You", "ps_father", "ps_teen", "ps_therapist", "ps_supervisor", "ps_teacher"]
    await agree_with_the_policy(house, told, "ps_mother", own=False)
    assert (
        "their" not in told["You"]
        and told["You"].startswith("see ")
        and told["ps_father"].startswith("sees ")
    )
    assert "private" not in " ".join(told.values())


async def test_the_client_reads_who_sees_what_is_private(house: Any, teen: Person) -> None:
    await facts(house, FRIEND | {"classes": ["plan_private", "safety_plan_my_part"]})
    told = people(await teen.opens("/mine/who-can-see"))
    await agree_with_the_policy(house, told, "ps_teen", own=True)
    assert "the private ones too" in told["ps_therapist"] and "the private ones too" in told["ps_supervisor"]
    assert "goals that are private" in told["ps_friend"]
    assert "Agreed as well, and not there yet: their part of the plan for hard days." in told["ps_friend"]


async def test_a_parent_to_whom_nothing_was_opened_sees_nothing(house: Any, teen: Person) -> None:
    tie = {"id": "r1", "person_id": "ps_father", "kind": "parent", "authority": "limited", "begins": LONG_AGO}
    await facts(house, relationships=[tie])
    told = people(await teen.opens("/mine/who-can-see"))
    assert told["ps_father"] == "sees nothing here yet."


LIMITED = {
    "id": "r1", "person_id": "ps_mother", "kind": "parent", "authority": "limited", "ticked": ["attendance"],
    "begins": LONG_AGO,
}  # fmt: skip


@pytest.fixture
async def apart(house: Any) -> None:
    """A young person who decides alone, and opened the plan to both parents and practice to a friend too."""
    ties = [
        LIMITED | {"ticked": ["plan_plain"], "household_id": "hh_a"},
        LIMITED | {"id": "r2", "person_id": "ps_father", "ticked": ["plan_plain"], "household_id": "hh_b"},
    ]
    everyone = ["ps_mother", "ps_father", "ps_friend"]
    consent = {"id": "c1", "recipients": everyone, "accepted_by": everyone, "classes": ["task"], **USUAL}
    alone = day_of(datetime.now(UTC)) - timedelta(days=1)
    await facts(house, relationships=ties, consents=[consent], consents_from=alone)


@pytest.mark.usefixtures("apart")
async def test_the_other_home_is_not_said_to_see_nothing_where_a_parent_cannot_know(
    house: Any, mother: Person
) -> None:
    (line,) = lines(await mother.opens("/home/a"))
    assert "ps_father" in await readers(house, "ps_mother", SHARED, EVERYONE)
    assert line.startswith("You, ") and "The other home" not in line and "ps_father" not in line
    homes = ("household:hh_a", "household:hh_b")
    await house.hears(task(house.tenant, *homes))
    (line,) = lines(await mother.opens("/home/a/tasks/tk_one"))
    assert "ps_father" in await readers(house, "ps_mother", (DataClass.TASK,), homes)
    assert line == "You, ps_therapist and ps_supervisor"


async def test_the_other_home_is_not_said_to_see_nothing_of_what_a_consent_could_open(
    house: Any, mother: Person
) -> None:
    alone = {"consents_from": day_of(datetime.now(UTC)) - timedelta(days=1)}
    given = TEACHER | {"id": "c4", "recipients": ["ps_father"]}
    await house.hears(goal(house.tenant, parties=("household:hh_a", "school")))
    said = []
    for chosen in ([TEACHER, given], [TEACHER]):
        await facts(house, consents=chosen, **alone)
        said += lines(await mother.opens("/home/a"))
    assert said[0] == said[1] and "The other home" not in said[0]
    await house.hears(goal(house.tenant, parties=("household:hh_a",)))
    (line,) = lines(await mother.opens("/home/a"))
    assert line.endswith("The other home does not see it."), "nothing can be opened to it"


@pytest.mark.usefixtures("apart")
async def test_a_parent_reads_no_other_name_in_a_consent_that_names_them(mother: Person) -> None:
    told = people(await mother.opens("/home/a/who-can-see"))
    assert not {"ps_father", "ps_friend"} & set(told)
    assert "ps_father" not in str(told) and "practice" in told["You"]


@pytest.mark.parametrize("authority", ["limited", "court_restricted"])
async def test_a_relative_who_works_at_the_school_is_named(
    house: Any, mother: Person, authority: str
) -> None:
    ties = [
        LIMITED | {"authority": "full"},
        RESTRICTED | {"person_id": "ps_teacher", "kind": "aunt", "authority": authority},
    ]
    await facts(house, relationships=ties)
    (line,) = lines(await mother.opens("/home/a"))
    told = people(await mother.opens("/home/a/who-can-see"))
    assert named(line) == await readers(house, "ps_mother", SHARED, EVERYONE)
    assert ("ps_teacher" in named(line)) is ("ps_teacher" in told) is (authority == "limited")
    if "ps_teacher" in told:
        await agree_with_the_policy(house, told, "ps_mother", own=False)


async def test_whose_contact_a_court_restricted_is_not_said_to_see_something_later(
    house: Any, mother: Person
) -> None:
    own = LIMITED | {"authority": "full"}
    given = {"id": "c4", "recipients": ["ps_father"], "classes": ["plan_plain"], **USUAL}
    await facts(house, given, relationships=[own, RESTRICTED])
    told = people(await mother.opens("/home/a/who-can-see"))
    assert list(told) == ["You", "ps_teen", "ps_therapist", "ps_supervisor", "ps_teacher"]
