"""HTTP in: plan a session, record how it went, add results, write what family and school may read."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from fastapi import Depends, Query
from fastapi.responses import JSONResponse

from chassis.errors import Invalid
from chassis.http import CommandDep, SeenVersion, require_version
from chassis.journal import Tx
from chassis.routes import Routes
from chassis.strict import Moment
from chassis.versions import Seen
from contracts.classes import DataClass
from contracts.ids import Id, new_id
from policy.filters import shows
from sessions import telling, wrong_place
from sessions.api.bodies import RecordIn, SessionIn, SummaryIn, TrialIn, TrialsIn, is_ahead
from sessions.api.desk import Desk, DeskDep, conflict, invalid
from sessions.api.showing import classes_of, sees, shown_session, shown_trial, summaries_for
from sessions.api.signing import sign, tell_summary
from sessions.sessions import Session, SessionError, State, Summary
from sessions.store.sessions import Window, clear_state
from sessions.trials import Placed, TrialError, placed

router = Routes(prefix="/tenants/{tenant_id}/clients/{client_id}/sessions", tags=["sessions"])

SeenDep = Annotated[Seen, Depends(SeenVersion(needed=False))]
"""The version of a session that a change starts from, where its author says it."""


@router.post("", status_code=201)
async def schedule(body: SessionIn, desk: DeskDep, command: CommandDep) -> JSONResponse:
    """Put a session into the calendar; the client and their family see when it is."""
    desk.must_write(DataClass.ATTENDANCE)
    if body.ends is not None and body.ends <= body.scheduled_for:
        raise Invalid("It ends before it begins.", "ends", "Give a later end.")
    session = Session(
        session_id=body.id or new_id(),
        client_id=desk.client_id,
        by=desk.person_id,
        kind=body.kind,
        scheduled_for=body.scheduled_for.astimezone(UTC),
        ends=body.ends.astimezone(UTC) if body.ends else None,
        modality=body.modality,
    )

    async def work(tx: Tx) -> None:
        await desk.stores(tx).sessions.add(session)
        tx.record(telling.scheduled(desk.tenant_id, session))
        tx.audit("session_scheduled", desk.client_id, DataClass.ATTENDANCE, session.session_id)
        tx.answer(_answer(session))

    return await desk.write(work, command, status=201)


@router.get("")
async def sessions(
    desk: DeskDep,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    after: Annotated[str | None, Query(max_length=400)] = None,
    since: Moment | None = None,
    until: Moment | None = None,
    order: Literal["newest", "soonest"] = "newest",
) -> dict[str, Any]:
    """The client's sessions, newest first, with as much of each as the caller may see.

    `since`: those of this time or later. `until`: those before it. `order`: `soonest` begins with the earliest,
    so that the next sessions of a client stand on the first page however many are planned. All three are for
    those who may know when sessions are.
    """
    sees(desk.grants)
    parties = summaries_for(desk.grants)
    window = Window(since, until, order == "soonest")
    if parties is not None and window != Window():
        asked = "since" if since else "until" if until else "order"
        raise Invalid("When sessions are is not shown here.", asked, "Leave it out.")
    page, cursor = await desk.stores().sessions.page(
        desk.client_id,
        window,
        summaries_for=parties,
        limit=limit,
        after=after,
    )
    items = [shown_session(desk.grants, session) for session in page]
    await desk.saw(*classes_of(items))
    return {"items": items, "next": cursor}


@router.get("/{session_id}")
async def session(session_id: Id, desk: DeskDep) -> dict[str, Any]:
    """One session with its results."""
    sees(desk.grants)
    stores = desk.stores()
    found = await stores.sessions.get(desk.client_id, session_id)
    results = [p for p in await stores.trials.of_session(desk.client_id, session_id) if _shows(desk, p)]
    shown = shown_session(desk.grants, found)
    await desk.saw(*classes_of([shown], results), detail_id=session_id)
    return {**shown, "trials": [shown_trial(p) for p in results]}


@router.post("/{session_id}/record")
async def record(
    session_id: Id, body: RecordIn, desk: DeskDep, command: CommandDep, seen: SeenDep
) -> JSONResponse:
    """Write down how the session went. May be said again, corrected, until the session is signed.

    The summary waits for the team alone until it is shared, here or by signing. A session that turns out not to
    have taken place has no results: those it had are taken back everywhere.
    """
    _may_record(desk, trials=bool(body.trials or body.removed_trials))
    before = await desk.stores().sessions.get(desk.client_id, session_id)
    if body.trials and body.state != "held":
        raise Invalid("Only a session that was held has results.", "trials", "Leave the results out.")
    results = await _placed(desk, before, body.trials)

    async def work(tx: Tx) -> None:
        stores = desk.stores(tx)
        stored = await stores.sessions.get(desk.client_id, session_id)
        require_version(stored.version, seen)
        changed = _recorded(stored, body)
        await stores.sessions.save(changed, seen=stored.version)
        gone = body.removed_trials if changed.takes_results else None
        removed = await stores.trials.remove(desk.client_id, session_id, gone)
        kept = await stores.trials.keep(desk.client_id, session_id, results)
        if (changed.state, changed.attendance) != (stored.state, stored.attendance):
            tx.record(telling.ended(desk.tenant_id, changed))
        _tell_results(tx, desk, changed, kept, removed)
        tell_summary(tx, desk, stored, changed)
        tx.audit("session_recorded", desk.client_id, DataClass.ATTENDANCE, session_id)
        tx.answer({**_answer(changed), "trials": [p.trial.trial_id for p in results]})

    return await desk.write(work, command)


@router.post("/{session_id}/trials", status_code=201)
async def add_trials(session_id: Id, body: TrialsIn, desk: DeskDep, command: CommandDep) -> JSONResponse:
    """Add or correct results of a session that runs or has been held; a planned one begins with its first."""
    desk.must_write(DataClass.MEASURE)
    before = await desk.stores().sessions.get(desk.client_id, session_id)
    results = await _placed(desk, before, body.trials)

    async def work(tx: Tx) -> None:
        stores = desk.stores(tx)
        stored = await stores.sessions.get(desk.client_id, session_id)
        running = stored
        if stored.state is State.SCHEDULED:
            running = _begun(stored)
            await stores.sessions.save(running, seen=stored.version)
            tx.record(telling.scheduled(desk.tenant_id, running))
        if not running.takes_results:
            raise conflict(
                SessionError("This session takes no results.", "session_id", "Record first that it was held.")
            )
        kept = await stores.trials.keep(desk.client_id, session_id, results)
        _tell_results(tx, desk, running, kept)
        tx.answer({**_answer(running), "trials": [p.trial.trial_id for p in results]})

    return await desk.write(work, command, status=201)


@router.post("/{session_id}/sign")
async def sign_session(session_id: Id, desk: DeskDep, command: CommandDep, seen: SeenDep) -> JSONResponse:
    """Close a session once somebody has said who came, with or without a note; its summary is shared with it."""
    desk.must_write(DataClass.ATTENDANCE)
    desk.must_write(DataClass.SESSION_SUMMARY)

    async def work(tx: Tx) -> None:
        stores = desk.stores(tx)
        stored = await stores.sessions.get(desk.client_id, session_id)
        require_version(stored.version, seen)
        tx.answer(_answer(await sign(tx, desk, stores, stored)))

    return await desk.write(work, command)


@router.put("/{session_id}/summary")
async def put_summary(
    session_id: Id, body: SummaryIn, desk: DeskDep, command: CommandDep, seen: SeenDep
) -> JSONResponse:
    """Share, or correct, what family and client, and school where released, read of this session."""
    desk.must_write(DataClass.SESSION_SUMMARY)
    _check_places(body.text, body.try_at_home, body.release_to_school)

    async def work(tx: Tx) -> None:
        stores = desk.stores(tx)
        stored = await stores.sessions.get(desk.client_id, session_id)
        require_version(stored.version, seen)
        try:
            changed = stored.summarised(body.summary(), body.release_to_school).shared()
        except SessionError as error:
            raise conflict(error) from error
        await stores.sessions.save(changed, seen=stored.version)
        tell_summary(tx, desk, stored, changed)
        tx.audit("summary_written", desk.client_id, DataClass.SESSION_SUMMARY, session_id)
        tx.answer(_answer(changed))

    return await desk.write(work, command)


def _may_record(desk: Desk, *, trials: bool) -> None:
    desk.must_write(DataClass.ATTENDANCE)
    desk.must_write(DataClass.SESSION_SUMMARY)
    if trials:
        desk.must_write(DataClass.MEASURE)


def _recorded(stored: Session, body: RecordIn) -> Session:
    try:
        changed = stored.recorded(body.outcome(), body.came(), datetime.now(UTC))
        changed = _summarised(changed, body)
        if body.share_summary:
            changed = changed.shared()
    except SessionError as error:
        raise conflict(error) from error
    return changed


def _summarised(session: Session, body: RecordIn) -> Session:
    """With the summary as the record says it: written, taken back, released to school or not, or as it was."""
    if body.summary:
        words = Summary(body.summary.text, body.summary.try_at_home)
        changed = session.summarised(words, body.release_to_school)
    elif body.erases_summary:
        changed = session.unsummarised()
    else:
        changed = session.released(body.release_to_school) if body.says_release else session
    if changed is not session and changed.summary:
        _check_places(changed.summary.text, changed.summary.try_at_home, changed.released_to_school)
    return changed


def _begun(stored: Session) -> Session:
    try:
        return stored.begun(datetime.now(UTC))
    except SessionError as error:
        raise conflict(error) from error


async def _placed(desk: Desk, session: Session, trials: list[TrialIn]) -> list[Placed]:
    """The results with their places. Raises Invalid for unknown goals and impossible values."""
    results = [trial.trial(session.scheduled_for) for trial in trials]
    now = datetime.now(UTC)
    for place, result in enumerate(results):
        if is_ahead(result.happened_at, now):
            raise Invalid(
                "This has not happened yet.", f"trials.{place}.happened_at", "Give the time it happened."
            )
    if not results:
        return []
    stored = await desk.stores().trials.of_session(desk.client_id, session.session_id)
    try:
        return placed(results, await desk.goals_of(results), [each.trial for each in stored])
    except TrialError as error:
        raise invalid(error) from error


def _tell_results(
    tx: Tx, desk: Desk, session: Session, kept: list[Placed], removed: Sequence[Placed] = ()
) -> None:
    if removed:
        desk.must_write(DataClass.MEASURE)
    for result in removed:
        tx.record(telling.trial_removed(desk.tenant_id, session, result))
    for result in kept:
        tx.record(telling.trial_recorded(desk.tenant_id, session, result))
    for action, results in (("results_removed", removed), ("results_recorded", kept)):
        for data_class in sorted({result.data_class for result in results}):
            tx.audit(action, desk.client_id, data_class, session.session_id)


def _check_places(text: str, try_at_home: str | None, released: bool) -> None:
    """Raises Invalid for words that may not stand in a text that families, or school, read."""
    kinds = ["session_summary_family", *(["school_summary"] if released else [])]
    for field, words in (("summary.text", text), ("summary.try_at_home", try_at_home or "")):
        for kind in kinds:
            for finding in wrong_place.check(kind, words):
                raise Invalid(finding.tell, field, f"Leave out or reword: “{finding.found}”.")


def _shows(desk: Desk, result: Placed) -> bool:
    return shows(desk.grants, result.data_class, result.parties, result.trial.goal_id)


def _answer(session: Session) -> dict[str, Any]:
    return {"id": session.session_id, "version": session.version, "state": clear_state(session)}
