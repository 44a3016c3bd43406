"""identity over HTTP, on a real database: who is who, and what each change publishes with it."""

import base64

import pytest

from chassis.seal import class_key
from contracts.access import Role
from contracts.classes import KEY_TABLE, SERVICES, DataClass
from contracts.ids import new_id

from .conftest import House, consent, person, populate, tie

T = "tn_a"
CONSENTS = f"/tenants/{T}/clients/cl_1/consents"


@pytest.fixture(scope="module")
async def admin(house: House) -> str:
    return await populate(house, T)


async def test_the_document_holds_everybody_around_the_child(house: House, admin: str) -> None:
    document = await house.document(T, "cl_1")
    assert [item["person_id"] for item in document["relationships"]] == [f"{T}_dad", f"{T}_mum"]
    assert [item["person_id"] for item in document["assignments"]] == [f"{T}_therapist"]
    assert [item["id"] for item in document["households"]] == ["hh_1", "hh_2"]
    assert document["rev"] == 4
    assert document["privacy_from"] < document["consents_from"] < document["majority_from"]


async def test_a_relationship_gives_the_guardians_hat_and_me_shows_it(house: House, admin: str) -> None:
    answer = await house.get(f"{T}_mum", "family", "/me")
    assert answer.json()["person"]["name"] == "Canary mum"
    hats = [(hat["role"], hat["tenant_name"]) for hat in answer.json()["hats"]]
    assert hats == [(Role.GUARDIAN.value, f"Canary {T}")]


async def test_giving_withdrawing_and_giving_again(house: House, admin: str) -> None:
    given = await house.must(f"{T}_mum", CONSENTS, consent(T), "family")
    assert given["state"] == "granted" and "rev" not in given, "a number that private changes move"
    before = (await house.document(T, "cl_1"))["consents"]
    taken = await house.post(f"{T}_mum", "family", f"{CONSENTS}/cn_1/withdraw")
    assert taken.status_code == 202
    assert taken.json()["effective"] is False
    assert [row["service"] for row in taken.json()["receipts"]] == list(SERVICES)
    document = await house.document(T, "cl_1")
    assert len(document["receipts_for"]) == 1
    assert document["consents"][0]["state"] == "withdrawn"
    seen = await house.get(f"{T}_teacher", "family", f"{CONSENTS}/cn_1")
    assert (seen.json()["state"], seen.json()["effective"]) == ("withdrawn", False)
    assert "purpose" not in seen.json()
    await house.must(f"{T}_mum", f"{CONSENTS}/cn_1/grant", None, "family")
    assert (await house.document(T, "cl_1"))["consents"] == before


async def test_the_same_key_gives_once_and_another_body_is_refused(house: House, admin: str) -> None:
    key = new_id()
    first = await house.post(f"{T}_mum", "family", CONSENTS, consent(T, "cn_key"), key)
    again = await house.post(f"{T}_mum", "family", CONSENTS, consent(T, "cn_key"), key)
    assert (again.status_code, again.json()) == (201, first.json())
    assert again.headers["Kith-Position"]
    other = await house.post(f"{T}_mum", "family", CONSENTS, consent(T, "cn_other"), key)
    assert other.status_code == 409
    assert other.json()["field"] == "Idempotency-Key"
    assert other.json()["title"] == "This key belongs to another request"


async def test_only_those_who_may_give_give(house: House, admin: str) -> None:
    presented = await house.post(f"{T}_therapist", "staff", CONSENTS, consent(T, "cn_presented"))
    assert presented.json()["state"] == "presented"
    by_admin = await house.post(admin, "staff", f"{CONSENTS}/cn_presented/grant")
    assert by_admin.status_code == 403
    for who, area in ((f"{T}_unassigned", "staff"), (f"{T}_teacher", "family")):
        refused = await house.post(who, area, f"{CONSENTS}/cn_presented/grant")
        assert refused.status_code in {403, 404}
        assert (await house.post(who, area, CONSENTS, consent(T, "cn_no"))).status_code in {403, 404}
    asked = await house.get(f"{T}_teacher", "family", f"{CONSENTS}/cn_presented")
    unknown = await house.get(f"{T}_teacher", "family", f"{CONSENTS}/cn_unknown")
    assert (asked.status_code, asked.json()) == (404, unknown.json()), "only asked for, it tells nobody"
    accepted = await house.post(f"{T}_teacher", "family", f"{CONSENTS}/cn_presented/accept")
    assert accepted.status_code == 404
    await house.must(f"{T}_mum", f"{CONSENTS}/cn_presented/refuse", None, "family")
    refused = await house.get(f"{T}_teacher", "family", f"{CONSENTS}/cn_presented")
    assert (refused.status_code, refused.json()) == (404, unknown.json()), "nobody is told of a no"
    listed = await house.get(f"{T}_teacher", "family", CONSENTS)
    assert "cn_presented" not in listed.text
    outsider = await house.get(f"{T}_unassigned", "staff", CONSENTS)
    missing = await house.get(f"{T}_unassigned", "staff", f"/tenants/{T}/clients/cl_none/consents")
    assert (outsider.status_code, outsider.content) == (404, missing.content)


async def test_nobody_says_yes_to_a_consent_that_they_have_not_read(house: House, admin: str) -> None:
    laid = await house.must(f"{T}_therapist", CONSENTS, consent(T, "cn_read"))
    longer = {"expires": "2046-01-31T00:00:00Z"}
    await house.must(f"{T}_dad", f"{CONSENTS}/cn_read/grant", longer, "family")
    stale = {"If-Match": f'"{laid["version"]}"'}
    for verb in ("grant", "refuse"):
        refused = await house.post(f"{T}_mum", "family", f"{CONSENTS}/cn_read/{verb}", headers=stale)
        assert (refused.status_code, refused.json()["field"]) == (409, "If-Match")
    now = (await house.get(f"{T}_mum", "family", f"{CONSENTS}/cn_read")).json()
    assert now["your_answer"] is None
    read = {"If-Match": f'"{now["version"]}"'}
    assert (await house.post(f"{T}_mum", "family", f"{CONSENTS}/cn_read/grant", headers=read)).is_success


async def test_another_guardians_no_disputes_it(house: House, admin: str) -> None:
    await house.must(f"{T}_mum", CONSENTS, consent(T, "cn_dispute"), "family")
    said_no = await house.post(f"{T}_dad", "family", f"{CONSENTS}/cn_dispute/refuse")
    assert said_no.json()["state"] == "disputed"
    ids = [fact["id"] for fact in (await house.document(T, "cl_1"))["consents"]]
    assert "cn_dispute" not in ids
    view = await house.get(f"{T}_mum", "family", f"{CONSENTS}/cn_dispute")
    assert (view.json()["your_answer"], view.json()["purpose"]) == ("yes", "Canary purpose")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"classes": ["note_progress"]}, "classes"),
        ({"classes": []}, "classes"),
        ({"recipients": ["nobody_here"]}, "recipients.0"),
        ({"recipients": [f"{T}_therapist"]}, "recipients.0"),
        ({"expires": "2020-01-01"}, "expires"),
        ({"begins": "0001-01-01T00:00:00+14:00"}, "begins"),
        ({"expires": "9999-12-31T23:59:59-14:00"}, "expires"),
        ({"purpose": {"$ne": None}}, "purpose"),
        ({"unknown": 1}, "unknown"),
    ],
)
async def test_what_cannot_be_consented_is_named(house: House, admin: str, change: dict, field: str) -> None:
    body = consent(T, "cn_bad") | change
    answer = await house.post(f"{T}_mum", "family", CONSENTS, body)
    assert answer.status_code == 422
    told = answer.json()
    assert field in {told.get("field"), *(row["field"] for row in told.get("errors", ()))}


async def test_a_client_holds_so_many_consents_and_no_more(
    house: House, admin: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    mum = f"{T}_mum"
    await house.must(mum, CONSENTS, consent(T, "cn_first"), "family")
    await house.must(mum, f"{CONSENTS}/cn_first/withdraw", None, "family")
    await house.must(mum, CONSENTS, consent(T, "cn_second"), "family")
    before = await house.document(T, "cl_1")
    monkeypatch.setattr("identity.consents.MOST_STANDING", 1)
    for path, body in ((CONSENTS, consent(T, "cn_more")), (f"{CONSENTS}/cn_first/grant", None)):
        refused = await house.post(mum, "family", path, body)
        assert (refused.status_code, "consents of this kind already" in refused.json()["detail"]) == (
            409,
            True,
        )
    assert await house.document(T, "cl_1") == before


async def test_consents_and_schools_are_read_in_pages(house: House, admin: str) -> None:
    for number in range(3):
        await house.must(f"{T}_mum", CONSENTS, consent(T, f"cn_page_{number}"), "family")
        await house.must(
            admin, f"/tenants/{T}/schools", {"id": f"sc_page_{number}", "name": "S", "phase": "ks1"}
        )
    readers = ((f"{T}_mum", CONSENTS), (f"{T}_teacher", CONSENTS), (f"{T}_mum", f"/tenants/{T}/schools"))
    for person_id, path in readers:
        whole = (await house.get(person_id, "family", path)).json()
        read, after = [], ""
        while after is not None:
            page = (await house.get(person_id, "family", f"{path}?limit=2{after}")).json()
            read += page["items"]
            after = f"&after={page['next']}" if page["next"] else None
        assert read == whole["items"] and len(read) >= 3
        assert whole["next"] is None


async def test_ending_a_relationship_ends_the_hat_with_it(house: House, admin: str) -> None:
    await house.must(admin, f"/tenants/{T}/people", person(T, "gran", []))
    gran = tie(T, "gran", "hh_1") | {"household_id": None}
    await house.must(admin, f"/tenants/{T}/clients/cl_1/relationships", gran)
    assert (await house.get(f"{T}_gran", "family", CONSENTS)).status_code == 200
    await house.must(admin, f"/tenants/{T}/clients/cl_1/relationships/rl_gran/end", None)
    assert (await house.get(f"{T}_gran", "family", CONSENTS)).status_code == 404
    people = [item["person_id"] for item in (await house.document(T, "cl_1"))["relationships"]]
    assert f"{T}_gran" not in people


async def test_a_guardian_who_lost_the_child_is_told_nothing_again(house: House, admin: str) -> None:
    await house.must(admin, f"/tenants/{T}/people", person(T, "aunt", [{"role": "network_member"}]))
    aunt = tie(T, "aunt", "hh_1") | {"household_id": None}
    await house.must(admin, f"/tenants/{T}/clients/cl_1/relationships", aunt)
    keys, who = [new_id(), new_id()], f"{T}_aunt"
    body, withdraw = consent(T, "cn_aunt"), f"{CONSENTS}/cn_aunt/withdraw"
    assert (await house.post(who, "family", CONSENTS, body, keys[0])).status_code == 201
    for _ in range(2):
        assert (await house.post(who, "family", withdraw, None, keys[1])).status_code == 202
    await house.must(admin, f"/tenants/{T}/clients/cl_1/relationships/rl_aunt/end", None)
    assert (await house.post(who, "family", CONSENTS, body, keys[0])).status_code == 404
    assert (await house.post(who, "family", withdraw, None, keys[1])).status_code == 404


async def test_restricted_authority_is_kept_on_record_and_opens_nothing(house: House, admin: str) -> None:
    await house.must(admin, f"/tenants/{T}/people", person(T, "renee", []))
    restricted = tie(T, "renee", "hh_1", "court_restricted") | {"household_id": None}
    await house.must(admin, f"/tenants/{T}/clients/cl_1/relationships", restricted)
    assert (await house.get(f"{T}_renee", "family", CONSENTS)).status_code == 404


async def test_an_administrator_gives_oneself_no_clinical_access(house: House, admin: str) -> None:
    hat = person(T, "x", [{"role": "therapist"}]) | {"id": admin, "email": f"{T}@canary.example"}
    assert (await house.post(admin, "staff", f"/tenants/{T}/people", hat)).status_code == 403
    base = f"/tenants/{T}/clients/cl_1"
    own = {"person_id": admin, "purpose": "lead"}
    assert (await house.post(admin, "staff", f"{base}/assignments", own)).status_code == 403
    own_tie = tie(T, "x", "hh_1") | {"person_id": admin, "household_id": None}
    assert (await house.post(admin, "staff", f"{base}/relationships", own_tie)).status_code == 403
    operator = person(T, "op", [{"role": "platform_operator"}])
    assert (await house.post(admin, "staff", f"/tenants/{T}/people", operator)).status_code == 422


async def test_a_supervisor_reaches_the_supervisees_client(house: House, admin: str) -> None:
    body = {
        "supervisee_id": f"{T}_therapist",
        "supervisor_id": f"{T}_lead",
        "begins": "2026-01-01",
        "ends": "2099-01-01T00:00:00Z",
    }
    assert (await house.get(f"{T}_lead", "staff", CONSENTS)).status_code == 404
    await house.must(admin, f"/tenants/{T}/supervisions", body)
    assert (await house.get(f"{T}_lead", "staff", CONSENTS)).status_code == 200


async def test_identical_ids_in_another_tenant_stay_apart(house: House, admin: str) -> None:
    twin = await populate(house, "tn_b")
    for path in (CONSENTS, f"{CONSENTS}/cn_1", f"/tenants/{T}/people/{T}_mum", f"/tenants/{T}"):
        there = await house.get(twin, "staff", path)
        nowhere = await house.get(twin, "staff", path.replace(T, "tn_none"))
        assert (there.status_code, there.content) == (404, nowhere.content)
    mine = await house.document(T, "cl_1")
    assert (await house.document("tn_b", "cl_1"))["rev"] == 4 < mine["rev"]


async def test_a_person_two_organisations_know_is_proven_by_a_login(house: House, admin: str) -> None:
    twin = "ps_admin_tn_b"
    stranger = person("tn_b", "x", [{"role": "therapist"}]) | {"id": f"{T}_therapist"}
    assert (await house.post(twin, "staff", "/tenants/tn_b/people", stranger)).status_code == 409
    same = stranger | {"email": f"therapist.{T}@canary.example".upper()}
    assert (await house.must(twin, "/tenants/tn_b/people", same))["known"] is True
    hats = (await house.get(f"{T}_therapist", "staff", "/me")).json()["hats"]
    assert {hat["tenant_id"] for hat in hats} == {T, "tn_b"}


async def test_keys_go_by_the_table(house: House, admin: str) -> None:
    token = await house.service_token("notifications")
    names = [{"tenant_id": T, "subject_id": "cl_1", "data_class": one.value} for one in DataClass]
    unknown = {"tenant_id": T, "subject_id": "cl_none", "data_class": "contact"}
    answer = await house.http.post(
        "/internal/keys", json={"requests": [*names, unknown]}, headers={"Authorization": f"Bearer {token}"}
    )
    rows = answer.json()["keys"]
    assert {row["data_class"] for row in rows} == {one.value for one in KEY_TABLE["notifications"]}
    assert {row["subject_id"] for row in rows} == {"cl_1"}
    assert all(len(base64.urlsafe_b64decode(row["key"] + "=")) == 32 for row in rows)
    as_person = await house.post(admin, "staff", "/internal/keys", {"requests": names})
    assert as_person.status_code == 404
    assert class_key(b"0" * 32, DataClass.TASK) != class_key(b"0" * 32, DataClass.CONTACT)


async def test_revisions_for_services(house: House, admin: str) -> None:
    token = await house.service_token("family-portal")
    asked = {"keys": [f"{T}:cl_1", f"{T}:cl_none"]}
    answer = await house.http.post(
        "/internal/access/revs", json=asked, headers={"Authorization": f"Bearer {token}"}
    )
    assert answer.json() == {"revs": {f"{T}:cl_1": (await house.document(T, "cl_1"))["rev"]}}


async def test_no_word_stands_in_the_clear(house: House, admin: str) -> None:
    mongo = house.chassis.mongo
    for name in (
        "tenants",
        "schools",
        "households",
        "clients",
        "relationships",
        "consents",
        "journal",
        "people",
    ):
        rows = await mongo.crossing_tenants(name, why="a search for words").find({})
        assert rows
        assert "anary" not in str(rows)


@pytest.mark.parametrize(
    ("path", "classes"),
    [("/clients/cl_1", ["contact_names", "court_order"]), ("/clients", ["contact_names"])],
)
async def test_what_an_administrator_reads_of_a_client_is_written_down(
    house: House, admin: str, path: str, classes: list[str]
) -> None:
    audit = house.chassis.mongo.tenant("audit", T)
    about = {"client_id": "cl_1", "by": admin, "action": "read", "classes": classes}
    before = len(await audit.find(about))
    assert (await house.get(admin, "staff", f"/tenants/{T}{path}")).status_code == 200
    assert len(await audit.find(about)) == before + 1
