"""What a party says to a goal over HTTP, and the reply: each to the words that were read, and kept later on."""

import pytest

from chassis.testing import put_on_duty

from .steps import Clinic, draft, propose


async def test_a_question_needs_words_and_an_answer_may_be_changed(clinic: Clinic) -> None:
    therapist, parent = clinic.as_("ps_therapist"), clinic.as_("ps_parent")
    await draft(clinic)
    await propose(clinic, "g_a")
    for words in ({}, {"words": ""}, {"words": " \n"}):
        refused = await parent.post("/goals/g_a/answers", {"party": "guardian", "answer": "ask", **words})
        assert (refused.status_code, refused.json()["field"]) == (422, "words"), refused.text
    for said in ({"answer": "no"}, {"answer": "ask", "words": "Any lesson?"}, {"answer": "approve"}):
        done = await parent.post("/goals/g_a/answers", {"party": "guardian", **said})
        assert done.status_code == 200, done.text
    (answer,) = (await therapist.get("/plan")).json()["goals"][0]["answers"]
    assert (answer["answer"], answer["words"], answer["words_before"]) == ("approve", None, None)
    empty = await therapist.post("/goals/g_a/answers/ps_parent/reply", {"words": " "})
    assert (empty.status_code, empty.json()["fix"]) == (422, "Write something.")


async def test_where_nobody_is_on_duty_words_are_refused_and_answers_are_not(clinic: Clinic) -> None:
    parent = clinic.as_("ps_parent")
    await draft(clinic)
    await propose(clinic, "g_a")
    await put_on_duty(clinic.chassis.mongo, clinic.tenant, rota=[])
    refused = await parent.post(
        "/goals/g_a/answers", {"party": "guardian", "answer": "ask", "words": "Any lesson?"}
    )
    assert refused.status_code == 422, refused.text
    assert refused.headers["content-type"] == "application/problem+json"
    assert (refused.json()["field"], "rota" in refused.json()["fix"]) == ("words", True)
    yes = await parent.post("/goals/g_a/answers", {"party": "guardian", "answer": "approve"})
    assert yes.status_code == 200, yes.text


async def test_words_of_worry_in_an_answer_call_whoever_is_on_duty_and_are_nowhere_in_the_clear(
    clinic: Clinic,
) -> None:
    parent = clinic.as_("ps_parent")
    await draft(clinic)
    await propose(clinic, "g_a")
    for words, calls in (("Any lesson?", 0), ("He does not feel safe there.", 1)):
        said = {"party": "guardian", "answer": "ask", "words": words}
        assert (await parent.post("/goals/g_a/answers", said)).status_code == 200
        stream = await clinic.stream()
        called = [event for event in stream if event["type"] == "duty_called"]
        assert len(called) == calls
    [answered] = [event for event in stream if event["type"] == "plan_answered"][-1:]
    assert (called[0]["record_id"], called[0]["data_class"]) == (answered["record_id"], "plan_plain")
    assert "safe" not in str(stream)


async def test_words_of_worry_are_read_in_the_plan_after_the_next_tap_and_stay_sealed(clinic: Clinic) -> None:
    therapist, parent = clinic.as_("ps_therapist"), clinic.as_("ps_parent")
    await draft(clinic)
    await propose(clinic, "g_a")
    worry = {"answer": "no", "words": "He does not feel safe there."}
    for said in (worry, {"answer": "approve"}, {"answer": "ask", "words": "Any lesson?"}):
        done = await parent.post("/goals/g_a/answers", {"party": "guardian", **said})
        assert done.status_code == 200, done.text
    (answer,) = (await therapist.get("/plan")).json()["goals"][0]["answers"]
    assert answer["words"] == "Any lesson?"
    assert answer["worries"] == [{"words": "He does not feel safe there.", "reply": None}]
    assert "safe" not in str(await clinic.stream())


async def test_words_of_worry_go_along_with_whoever_wrote_them_from_version_to_version(
    clinic: Clinic,
) -> None:
    therapist, parent = clinic.as_("ps_therapist"), clinic.as_("ps_parent")
    await draft(clinic)
    await propose(clinic, "g_a")
    for number, words in enumerate(("He does not feel safe there.", "Any lesson?", "And at lunch?"), start=1):
        said = {"party": "guardian", "answer": "ask", "words": words}
        assert (await parent.post("/goals/g_a/answers", said, seen=number)).status_code == 200
        goal = (await therapist.get("/plan")).json()["goals"][0]
        anew = {**goal["words"], "plain": f"He asks for a break, said anew {number}."}
        moved = await therapist.put("/goals/g_a", anew, version=goal["doc_version"])
        assert moved.json()["version"] == number + 1
    last = {a["version"]: a for a in goal["answers"]}[3]
    assert (last["words"], last["words_before"]) == ("And at lunch?", "Any lesson?")
    assert last["worries"] == [{"words": "He does not feel safe there.", "reply": None}]


async def test_a_question_is_answered_and_kept_although_the_goal_has_moved_on(clinic: Clinic) -> None:
    therapist, parent = clinic.as_("ps_therapist"), clinic.as_("ps_parent")
    await draft(clinic)
    await propose(clinic, "g_a")
    await parent.post("/goals/g_a/answers", {"party": "guardian", "answer": "ask", "words": "Any lesson?"})
    goal = (await therapist.get("/plan")).json()["goals"][0]
    words = {**goal["words"], "plain": "He asks for a break, anywhere."}
    moved = await therapist.put("/goals/g_a", words, version=goal["doc_version"])
    assert moved.json()["version"] == 2
    replied = await therapist.post("/goals/g_a/answers/ps_parent/reply", {"words": "Any."})
    assert (replied.status_code, replied.json()["version"]) == (200, 1)
    nobody = await therapist.post("/goals/g_a/answers/ps_teacher/reply", {"words": "Any."})
    assert nobody.status_code == 404
    await parent.post("/goals/g_a/answers", {"party": "guardian", "answer": "approve"})
    said = {a["version"]: a for a in (await therapist.get("/plan")).json()["goals"][0]["answers"]}
    assert (said[1]["words"], said[1]["reply"]) == ("Any lesson?", "Any.")
    assert (said[2]["words_before"], said[2]["reply_before"]) == ("Any lesson?", "Any.")


async def test_nobody_says_yes_to_words_that_they_have_not_read(clinic: Clinic) -> None:
    therapist, parent = clinic.as_("ps_therapist"), clinic.as_("ps_parent")
    await draft(clinic)
    await propose(clinic, "g_a")
    goal = (await therapist.get("/plan")).json()["goals"][0]
    words = {**goal["words"], "plain": "He spends the break alone."}
    await therapist.put("/goals/g_a", words, version=goal["doc_version"])
    yes = {"party": "guardian", "answer": "approve"}
    stale = await parent.post("/goals/g_a/answers", yes, seen=1)
    assert (stale.status_code, stale.json()["field"], stale.json()["version"]) == (409, "If-Match", 2)
    assert (await therapist.get("/plan")).json()["goals"][0]["answers"] == []
    assert (await parent.post("/goals/g_a/answers", yes, seen=2)).status_code == 200


async def test_a_reply_reaches_the_words_it_was_written_to(clinic: Clinic) -> None:
    therapist, parent = clinic.as_("ps_therapist"), clinic.as_("ps_parent")
    await draft(clinic)
    await propose(clinic, "g_a")
    await parent.post("/goals/g_a/answers", {"party": "guardian", "answer": "ask", "words": "Swimming?"})
    (first,) = (await therapist.get("/plan")).json()["goals"][0]["answers"]
    await parent.post("/goals/g_a/answers", {"party": "guardian", "answer": "ask", "words": "To a court?"})
    reply = {"words": "Yes, of course.", "said_at": first["at"]}
    late = await therapist.post("/goals/g_a/answers/ps_parent/reply", reply)
    assert (late.status_code, late.json()["field"]) == (409, "said_at")
    (second,) = (await therapist.get("/plan")).json()["goals"][0]["answers"]
    assert (second["words"], second["reply"]) == ("To a court?", None)
    done = await therapist.post("/goals/g_a/answers/ps_parent/reply", {**reply, "said_at": second["at"]})
    assert done.status_code == 200


async def test_a_reply_takes_the_place_of_another_only_where_that_was_read(clinic: Clinic) -> None:
    therapist, parent = clinic.as_("ps_therapist"), clinic.as_("ps_parent")
    await draft(clinic)
    await propose(clinic, "g_a")
    await parent.post("/goals/g_a/answers", {"party": "guardian", "answer": "ask", "words": "And now?"})
    place, first = "/goals/g_a/answers/ps_parent/reply", "Yes.\nCall me at once."
    assert (await therapist.post(place, {"words": first})).status_code == 200
    for seen in ({}, {"instead_of": "No."}, {"instead_of": ""}):
        unseen = await therapist.post(place, {"words": "See you Friday.", **seen})
        assert (unseen.status_code, unseen.json().get("field")) == (409, "instead_of"), unseen.text
    (answer,) = (await therapist.get("/plan")).json()["goals"][0]["answers"]
    assert answer["reply"] == first
    done = await therapist.post(place, {"words": "At once.", "instead_of": "Yes.\r\nCall me at once."})
    assert done.status_code == 200, done.text
    (answer,) = (await therapist.get("/plan")).json()["goals"][0]["answers"]
    assert answer["reply"] == "At once."


@pytest.mark.parametrize(("person", "party"), [("ps_teacher", "school"), ("ps_aunt", "guardian")])
@pytest.mark.parametrize("said", [{"answer": "no"}, {"answer": "ask", "words": "Any lesson?"}])
async def test_who_has_lost_access_holds_no_goal_up(
    clinic: Clinic, person: str, party: str, said: dict[str, str]
) -> None:
    therapist = clinic.as_("ps_therapist")
    full = {"authority": "full", "kind": "kin", "begins": "2025-01-01T00:00:00Z"}
    mother, aunt = ({"id": f"r_{who}", "person_id": f"ps_{who}", **full} for who in ("parent", "aunt"))
    await clinic.knows(rev=2, relationships=[mother, aunt])
    await draft(clinic)
    await propose(clinic, "g_a")
    yes = {"party": "guardian", "answer": "approve"}
    for who, answer in (("ps_parent", yes), (person, {"party": party, **said})):
        done = await clinic.as_(who).post("/goals/g_a/answers", answer)
        assert done.status_code == 200, done.text
    waits = await therapist.post("/plan/activate", {"goals": ["g_a"]})
    assert (waits.status_code, waits.json()["field"]) == (409, "answers")
    await clinic.knows(rev=3, relationships=[mother], consents=[])
    goal = (await therapist.get("/plan")).json()["goals"][0]
    assert goal["unmet"] == [] and len(goal["answers"]) == 2
    done = await therapist.post("/plan/activate", {"goals": ["g_a"]})
    assert done.status_code == 200, done.text
