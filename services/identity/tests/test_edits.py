"""Changing what is there: versions, one's own details, a network member's yes, and what cannot be given."""

from datetime import UTC, datetime
from typing import Any

import pytest
from httpx import Response

from contracts.classes import DataClass
from contracts.identity import Contact, HelpLine, Names
from contracts.ids import new_id

from .conftest import House, consent, found, person, populate, tie

T = "tn_e"
BASE = f"/tenants/{T}"


@pytest.fixture(scope="module")
async def admin(house: House) -> str:
    return await populate(house, T)


async def put(house: House, who: str, area: str, path: str, body: Any, version: int | None) -> Response:
    headers = {"Authorization": f"Bearer {await house.token(who, area)}", "Idempotency-Key": new_id()}
    if version is not None:
        headers["If-Match"] = f'"{version}"'
    return await house.http.put(path, json=body, headers=headers)


async def test_names_change_under_the_version_that_was_seen(house: House, admin: str) -> None:
    seen = (await house.get(admin, "staff", f"{BASE}/clients/cl_1")).json()["version"]
    body = {"names": {"everyone": "Canary K"}, "school_id": "sc_1", "class_id": "cs_1"}
    path = f"{BASE}/clients/cl_1"
    assert (await put(house, admin, "staff", path, body, None)).status_code == 428
    assert (await put(house, admin, "staff", path, body, seen - 1)).json()["version"] == seen
    changed = await put(house, admin, "staff", path, body, seen)
    assert changed.status_code == 200, changed.text
    now_at = (await house.get(admin, "staff", f"{BASE}/clients/cl_1")).json()["version"]
    assert changed.json()["version"] == now_at
    assert (await house.document(T, "cl_1"))["class_id"] == "cs_1"
    people = house.chassis.mongo.tenant("journal", T)
    rows = await people.find({"topic": "identity-people", "key": f"client:{T}:cl_1"})
    assert len({row["seq"] for row in rows}) == 2


async def test_the_duty_rota_is_named_once_there_are_people(house: House, admin: str) -> None:
    duty = {
        "safeguarding_lead": f"{T}_lead",
        "rota": [{"days": ["mon"], "from": "09:00", "to": "17:30", "person": f"{T}_lead"}],
    }
    settings = {"name": "Canary Lane", "duty": duty}
    assert (await put(house, admin, "staff", BASE, settings, 1)).status_code == 200
    forged = settings | {"neutral_sender": "Canary\r\nLane"}
    refused = await put(house, admin, "staff", BASE, forged, 2)
    assert (refused.status_code, refused.json()["field"]) == (422, "neutral_sender")
    told = (await house.get(f"{T}_mum", "family", BASE)).json()
    assert (told["duty"]["rota"][0]["from"], told["version"]) == ("09:00", 2)
    assert (await put(house, f"{T}_therapist", "staff", BASE, settings, 2)).status_code == 403


async def _sender(house: House, tenant: str) -> str | None:
    """Whom messages of the organisation are from, as notifications is told of it."""
    rows = house.chassis.mongo.tenant("journal", tenant)
    key = f"client:{tenant}:{tenant}"
    [row] = await rows.find({"topic": "identity-people", "key": key}, sort=[("seq", -1)], limit=1)
    box = row["event"]["sections"]["contact"]
    opened = await house.chassis.keys.open(tenant, tenant, DataClass.CONTACT, key, box)
    return Contact.read(opened).sender_name


async def test_messages_of_an_organisation_without_a_sender_are_not_from_its_own_name(house: House) -> None:
    admin = await found(house, "tn_e_named")
    assert await _sender(house, "tn_e_named") == "Canary Lane"
    changed = await put(house, admin, "staff", "/tenants/tn_e_named", {"name": "Canary Lane Clinic"}, 1)
    assert changed.status_code == 200
    assert await _sender(house, "tn_e_named") is None


async def test_a_sender_with_a_forbidden_word_is_refused_with_the_way_out(house: House, admin: str) -> None:
    settings = {"name": "Canary Lane Clinic", "neutral_sender": "Canary Lane Clinic"}
    own = {"name": "Canary", "sender_name": "The canary’s therapist"}
    seen = (await house.get(admin, "staff", BASE)).json()["version"]
    for path, body, field, word in (
        (BASE, settings, "neutral_sender", "clinic"),
        (f"{BASE}/people/{admin}", own, "sender_name", "therapist"),
    ):
        refused = (await put(house, admin, "staff", path, body, seen)).json()
        assert (refused["status"], refused["field"]) == (422, field)
        assert word in refused["detail"] and "leave it out" in refused["fix"]


async def test_the_rota_reaches_all_who_take_words_and_names_nobody_who_is_not_staff(
    house: House, admin: str
) -> None:
    seen = (await house.get(admin, "staff", BASE)).json()["version"]
    hours = {"days": ["mon", "sun"], "from": "22:00", "to": "06:00", "person": f"{T}_lead"}
    lines = [{"id": "cr_1", "label": "Canary line", "text": "HELLO to 85258"}]
    duty = {"safeguarding_lead": f"{T}_lead", "deputy": f"{T}_therapist", "rota": [hours]}
    settings = {"name": "Canary Lane", "timezone": "Europe/Warsaw", "duty": duty, "crisis_lines": lines}
    for field, wrong in (
        ("duty.safeguarding_lead", {**duty, "safeguarding_lead": f"{T}_teacher"}),
        ("duty.deputy", {**duty, "deputy": f"{T}_mum"}),
        ("duty.rota.0.person", {**duty, "rota": [{**hours, "person": "ps_nobody"}]}),
        ("duty.rota.0.days", {**duty, "rota": [{**hours, "days": []}]}),
    ):
        refused = await put(house, admin, "staff", BASE, settings | {"duty": wrong}, seen)
        assert (refused.status_code, refused.json()["field"]) == (422, field), refused.text
    nowhere = await put(house, admin, "staff", BASE, settings | {"timezone": "Europe/Atlantis"}, seen)
    assert (nowhere.status_code, nowhere.json()["field"]) == (422, "timezone")
    assert (await put(house, admin, "staff", BASE, settings, seen)).status_code == 200
    rows = await house.chassis.mongo.tenant("journal", T).find(
        {"topic": "identity-people", "key": f"client:{T}:{T}"}, sort=[("seq", 1)]
    )
    told = rows[-1]["event"]
    assert told["duty"] == {
        "timezone": "Europe/Warsaw",
        "safeguarding_lead": f"{T}_lead",
        "deputy": f"{T}_therapist",
        "rota": [{"days": ["mon", "sun"], "begins": "22:00", "ends": "06:00", "person_id": f"{T}_lead"}],
    }
    assert "Canary" not in str(told)
    words = await house.chassis.keys.open(
        T, T, DataClass.CONTACT_NAMES, f"client:{T}:{T}", told["sections"]["contact_names"]
    )
    assert Names.read(words).crisis_lines == [HelpLine(label="Canary line", text="HELLO to 85258")]


async def test_a_school_says_who_its_safeguarding_leads_are(house: House, admin: str) -> None:
    path = f"{BASE}/schools/sc_1"
    assert (await house.get(f"{T}_teacher", "family", path)).json()["safeguarding_leads"] == []
    hat = {"role": "school_staff", "school_id": "sc_1", "school_role": "safeguarding_lead"}
    await house.must(admin, f"{BASE}/people", person(T, "moira", [hat]))
    told = (await house.get(f"{T}_teacher", "family", path)).json()
    assert (told["id"], told["safeguarding_leads"]) == ("sc_1", [f"{T}_moira"])
    [listed] = (await house.get(f"{T}_mum", "family", f"{BASE}/schools")).json()["items"]
    assert listed == told
    assert (await house.get(f"{T}_mum", "family", f"{BASE}/schools/sc_none")).status_code == 404


async def test_everybody_changes_only_themselves(house: House, admin: str) -> None:
    path = f"{BASE}/people/{T}_mum"
    rev = (await house.get(f"{T}_mum", "family", path)).json()["rev"]
    body = {"name": "Canary M", "channels": ["sms"], "languages": ["ar"]}
    assert (await put(house, f"{T}_dad", "family", path, body, rev)).status_code == 404
    assert (await put(house, f"{T}_mum", "family", path, body, rev)).json()["rev"] == rev + 1
    told = (await house.get(f"{T}_mum", "family", "/me")).json()["person"]
    assert (told["name"], told["email"]) == ("Canary M", f"mum.{T}@canary.example")


async def test_everybody_says_where_their_own_messages_go(house: House, admin: str) -> None:
    path = f"{BASE}/people/{T}_dad"
    seen = (await house.get(f"{T}_dad", "family", path)).json()
    body = {"phone": "+44 7700 900123"}
    assert (await put(house, f"{T}_mum", "family", f"{path}/contact", body, seen["rev"])).status_code == 404
    assert (await put(house, f"{T}_dad", "family", f"{path}/contact", body, None)).status_code == 428
    changed = await put(house, f"{T}_dad", "family", f"{path}/contact", body, seen["rev"])
    assert changed.json() == {"id": f"{T}_dad", "rev": seen["rev"] + 1}
    told = (await house.get(f"{T}_dad", "family", path)).json()
    assert (told["phone"], told["email"], told["channels"]) == (
        body["phone"],
        seen["email"],
        seen["channels"],
    )
    rows = house.chassis.mongo.crossing_tenants("people", why="a test looks at what somebody signs in by")
    handles = [row["handles"] for row in await rows.find({"_id": f"{T}_dad"})]
    again = {"email": "elsewhere@canary.example"}
    assert (await put(house, f"{T}_dad", "family", f"{path}/contact", again, told["rev"])).status_code == 200
    assert [row["handles"] for row in await rows.find({"_id": f"{T}_dad"})] == handles


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("email", "nobody"),
        ("email", "a@b"),
        ("email", "a,b@c.example"),
        ("email", "Ann <a@c.example>"),
        ("email", "a@c.example\nBcc: b@c.example"),
        ("email", "a\u0007@c.example"),
        ("email", f"{'a' * 250}@c.example"),
        ("phone", "(((((("),
        ("phone", "1234"),
        ("phone", "07700 900123 and more"),
        ("phone", "0" * 16),
    ],
)
async def test_where_messages_cannot_go_is_named(house: House, admin: str, field: str, typed: str) -> None:
    answer = await put(house, f"{T}_dad", "family", f"{BASE}/people/{T}_dad/contact", {field: typed}, 1)
    assert answer.status_code == 422, answer.text
    assert answer.json()["field"] == field


async def test_names_are_read_by_those_around(house: House, admin: str) -> None:
    mum = f"{BASE}/people/{T}_mum"
    assert (await house.get(f"{T}_therapist", "staff", mum)).status_code == 200
    assert (await house.get(f"{T}_dad", "family", mum)).status_code == 404
    assert (await house.get(admin, "staff", mum)).status_code == 404
    assert "email" not in (await house.get(f"{T}_dad", "family", f"{BASE}/people/{T}_therapist")).json()
    listed = (await house.get(admin, "staff", f"{BASE}/people?limit=200")).json()["items"]
    assert {row["id"]: row["name"] is None for row in listed}[f"{T}_mum"] is True


async def adult(house: House, admin: str) -> str:
    """An adult client who signs in, and a friend from the network."""
    for name, hats in (("marcus", []), ("owen", [{"role": "network_member"}])):
        await house.must(admin, f"{BASE}/people", person(T, name, hats))
    body = {"id": "cl_m", "names": {"everyone": "Canary M"}, "age": 34, "person_id": f"{T}_marcus"}
    await house.must(admin, f"{BASE}/clients", body)
    return f"{BASE}/clients/cl_m/consents"


async def test_a_network_member_says_yes_to_their_part(house: House, admin: str) -> None:
    path = await adult(house, admin)
    body = consent(T) | {"recipients": [f"{T}_owen"], "classes": ["own_commitment"]}
    await house.must(f"{T}_marcus", path, body, "family")
    fact = (await house.document(T, "cl_m"))["consents"][0]
    assert (fact["needs_acceptance"], fact["accepted_by"]) == (True, [])
    assert (await house.post(f"{T}_marcus", "family", f"{path}/cn_1/accept")).status_code == 404
    await house.must(f"{T}_owen", f"{path}/cn_1/accept", None, "family")
    assert (await house.document(T, "cl_m"))["consents"][0]["accepted_by"] == [f"{T}_owen"]


async def test_nobody_gives_to_oneself_and_a_teens_parents_get_it_from_the_teen(
    house: House, admin: str
) -> None:
    for name in ("teen", "mother", "father"):
        await house.must(admin, f"{BASE}/people", person(T, name, []))
    await house.must(admin, f"{BASE}/people", person(T, "friend", [{"role": "network_member"}]))
    body = {"id": "cl_t", "names": {"everyone": "Canary P"}, "age": 14, "person_id": f"{T}_teen"}
    await house.must(admin, f"{BASE}/clients", body)
    for name in ("mother", "father"):
        bond = tie(T, name, "") | {"household_id": None}
        await house.must(admin, f"{BASE}/clients/cl_t/relationships", bond)
    path = f"{BASE}/clients/cl_t/consents"
    for giver, named, status in (
        ("mother", "mother", 422),
        ("mother", "father", 422),
        ("teen", "father", 201),
    ):
        given = consent(T, f"cn_{giver}_{named}") | {"recipients": [f"{T}_{named}"]}
        answer = await house.post(f"{T}_{giver}", "family", path, given)
        assert answer.status_code == status, answer.text
    await a_teens_private_sharing_exists_for_teen_and_recipient_alone(house, path)
    await what_a_teen_said_when_asked_is_nothing_their_parents_read(house, path)
    private = consent(T, "cn_private") | {"classes": ["plan_private"]}
    assert (await house.post(f"{T}_mother", "family", path, private)).json()["field"] == "classes"


async def a_teens_private_sharing_exists_for_teen_and_recipient_alone(house: House, path: str) -> None:
    teen, mother, friend = f"{T}_teen", f"{T}_mother", f"{T}_friend"
    body = consent(T, "cn_own") | {"recipients": [friend], "classes": ["plan_private", "plan_plain"]}
    await house.must(teen, path, body, "family")
    missing = await house.get(mother, "family", f"{path}/cn_none")
    hidden = await house.get(mother, "family", f"{path}/cn_own")
    assert (hidden.status_code, hidden.content) == (404, missing.content)
    listed = (await house.get(mother, "family", path)).json()["items"]
    assert listed and "cn_own" not in {item["id"] for item in listed}
    for step in ("withdraw", "grant", "refuse", "accept"):
        assert (await house.post(mother, "family", f"{path}/cn_own/{step}")).status_code == 404
    assert (await house.get(teen, "family", f"{path}/cn_own")).json()["state"] == "granted"
    await house.must(friend, f"{path}/cn_own/accept", None, "family")
    shown = (await house.get(friend, "family", f"{path}/cn_own")).json()
    assert "purpose" not in shown and "recipients" not in shown
    await house.must(teen, f"{path}/cn_own/withdraw", None, "family")


async def what_a_teen_said_when_asked_is_nothing_their_parents_read(house: House, path: str) -> None:
    teen, mother = f"{T}_teen", f"{T}_mother"
    said = {"state": "agreed", "how": "alone", "words": "Only the talking one."}
    body = consent(T, "cn_said") | {"recipients": [f"{T}_friend"], "only_goals": ["g_one"], "assent": said}
    await house.must(teen, path, body, "family")
    own = (await house.get(teen, "family", f"{path}/cn_said")).json()
    assert (own["assent"], own["only_goals"], own["some_goals"]) == (said, ["g_one"], True)
    theirs = (await house.get(mother, "family", f"{path}/cn_said")).json()
    assert (theirs["assent"], theirs["only_goals"], theirs["some_goals"]) == ({"state": "agreed"}, None, True)


async def test_whoever_leaves_leaves_every_client(house: House, admin: str) -> None:
    work = {"person_id": f"{T}_unassigned", "purpose": "cover"}
    await house.must(admin, f"{BASE}/clients/cl_1/assignments", work)
    assert (await house.post(admin, "staff", f"{BASE}/people/{T}_mum/end")).status_code == 409
    await house.must(admin, f"{BASE}/people/{T}_unassigned/end", None)
    staff = [item["person_id"] for item in (await house.document(T, "cl_1"))["assignments"]]
    assert staff == [f"{T}_therapist"]


@pytest.mark.parametrize("leaver", ["boss", "junior"])
async def test_who_comes_back_oversees_nobody_and_is_overseen_by_nobody(
    house: House, admin: str, leaver: str
) -> None:
    hats = {"boss": [{"role": "supervisor"}], "junior": [{"role": "therapist"}]}
    names = {name: f"{T}_{name}_{leaver}" for name in hats}
    people = {name: person(T, f"{name}_{leaver}", hats[name]) for name in hats}
    for body in people.values():
        await house.must(admin, f"{BASE}/people", body)
    work = {"person_id": names["junior"], "purpose": "cover"}
    assigned = await house.must(admin, f"{BASE}/clients/cl_1/assignments", work)
    pair = {"supervisee_id": names["junior"], "supervisor_id": names["boss"]}
    days = {"begins": "2026-01-01T00:00:00Z", "ends": "2090-01-01T00:00:00Z"}
    later = {"begins": "2080-01-01T00:00:00Z", "ends": "2090-01-01T00:00:00Z"}
    for span in (days, later):
        await house.must(admin, f"{BASE}/supervisions", {**pair, **span})

    async def overseers() -> list[str]:
        found = (await house.document(T, "cl_1"))["supervisions"]
        return [item["person_id"] for item in found]

    assert await overseers() == [names["boss"]] * 2
    await house.must(admin, f"{BASE}/people/{names[leaver]}/end", None)
    assert await overseers() == []
    await house.must(admin, f"{BASE}/people", people[leaver])
    if leaver == "junior":
        assigned = await house.must(admin, f"{BASE}/clients/cl_1/assignments", work)
    assert await overseers() == []
    await house.must(admin, f"{BASE}/clients/cl_1/assignments/{assigned['id']}/end", None)


@pytest.mark.parametrize(
    ("path", "change", "field"),
    [
        ("clients", {"names": {"home": "x"}}, "names.everyone"),
        ("clients", {"age": None}, "birth_year"),
        ("clients", {"age": "9"}, "age"),
        ("clients", {"school_id": "sc_none"}, "school_id"),
        ("clients", {"person_id": "ps_none"}, "person_id"),
        ("clients", {"names": {"everyone": {"$ne": None}}}, "names.everyone"),
        ("clients/cl_1/relationships", {"person_id": "ps_none"}, "person_id"),
        ("clients/cl_1/relationships", {"authority": "all"}, "authority"),
        ("clients/cl_1/relationships", {"person_id": f"{T}_lead", "household_id": "hh_1"}, "household_id"),
        ("clients/cl_1/assignments", {"person_id": f"{T}_teacher"}, "person_id"),
        ("people", {"sender_name": "Kith\nYour bank"}, "sender_name"),
        ("people", {"sender_name": "Kith\u2028Your bank"}, "sender_name"),
        ("people", {"sender_name": "Canary Therapies"}, "sender_name"),
        ("people", {"name": "Ann\u0007e"}, "name"),
        ("people", {"phone": "07700\n900123"}, "phone"),
    ],
)
async def test_bad_input_names_its_field(
    house: House, admin: str, path: str, change: dict[str, Any], field: str
) -> None:
    whole: dict[str, dict[str, Any]] = {
        "clients": {"id": "cl_bad", "names": {"everyone": "x"}, "age": 9},
        "clients/cl_1/relationships": tie(T, "lead", "") | {"household_id": None},
        "clients/cl_1/assignments": {"person_id": f"{T}_therapist", "purpose": "lead"},
        "people": person(T, "bad", []),
    }
    answer = await house.post(admin, "staff", f"{BASE}/{path}", whole[path] | change)
    assert answer.status_code == 422, answer.text
    told = answer.json()
    assert field in {told.get("field"), *(row["field"] for row in told.get("errors", ()))}


async def test_a_birthday_is_a_date_in_the_document_and_nowhere_a_word(house: House, admin: str) -> None:
    body = {"id": "cl_b", "names": {"everyone": "Canary B"}, "birth_year": 2013, "birth_month": 4}
    await house.must(admin, f"{BASE}/clients", body)
    document = await house.document(T, "cl_b")
    assert document["consents_from"] == "2029-04-01"
    assert datetime.fromisoformat(document["next_change_at"]) > datetime.now(UTC)
