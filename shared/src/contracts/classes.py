"""The data classes, one list: key labels, matrix rows and code use these names."""

from enum import StrEnum


class DataClass(StrEnum):
    """What kind of record a word belongs to; who may see it is decided class by class."""

    CONTACT = "contact"
    CONTACT_NAMES = "contact_names"
    ABOUT_ME = "about_me"
    PLAN_TEAM = "plan_team"
    PLAN_PLAIN = "plan_plain"
    PLAN_SCHOOL = "plan_school"
    PLAN_OWN = "plan_own"
    PLAN_PRIVATE = "plan_private"
    TASK = "task"
    TASK_LOG = "task_log"
    OBSERVATION = "observation"
    MEASURE = "measure"
    ADULTS_PART = "adults_part"
    ASSESSMENT_OWN = "assessment_own"
    ASSESSMENT_SUMMARY = "assessment_summary"
    FORMULATION = "formulation"
    LADDER = "ladder"
    THOUGHT_COPING = "thought_coping"
    ROLE_PLAY = "role_play"
    RECORDING = "recording"
    MODULE_ANSWER = "module_answer"
    REWARD = "reward"
    ALLIANCE = "alliance"
    LIFE_PULSE = "life_pulse"
    ATTENDANCE = "attendance"
    SESSION_SUMMARY = "session_summary"
    NOTE_PROGRESS = "note_progress"
    NOTE_MEMBER = "note_member"
    NOTE_GROUP = "note_group"
    NOTE_PSYCHOTHERAPY = "note_psychotherapy"
    NOTE_REFLECTIVE = "note_reflective"
    NETWORK_MAP = "network_map"
    NETWORK_MEETING = "network_meeting"
    OWN_COMMITMENT = "own_commitment"
    SAFETY_PLAN = "safety_plan"
    SAFETY_PLAN_SCHOOL = "safety_plan_school"
    SAFETY_PLAN_MY_PART = "safety_plan_my_part"
    MESSAGE = "message"
    CONSENT = "consent"
    COURT_ORDER = "court_order"
    SAFEGUARDING = "safeguarding"
    HELPER_CARD = "helper_card"
    COVER_PAGE = "cover_page"
    AUDIT = "audit"


SERVICES = ("identity", "care-plans", "sessions", "family-portal", "notifications")
"""Every service, by its public name; also the names of the topics they write."""

_PLAN_TASK_SAFETY = {
    DataClass.PLAN_TEAM, DataClass.PLAN_PLAIN, DataClass.PLAN_SCHOOL, DataClass.PLAN_OWN,
    DataClass.PLAN_PRIVATE, DataClass.TASK, DataClass.MEASURE, DataClass.ADULTS_PART, DataClass.ABOUT_ME,
    DataClass.ASSESSMENT_OWN, DataClass.ASSESSMENT_SUMMARY, DataClass.LADDER, DataClass.THOUGHT_COPING,
    DataClass.ROLE_PLAY, DataClass.LIFE_PULSE, DataClass.NETWORK_MAP, DataClass.NETWORK_MEETING,
    DataClass.SAFETY_PLAN, DataClass.SAFETY_PLAN_SCHOOL, DataClass.SAFETY_PLAN_MY_PART,
}  # fmt: skip
_SESSION_SHARED = {
    DataClass.SESSION_SUMMARY, DataClass.ATTENDANCE, DataClass.OWN_COMMITMENT, DataClass.REWARD,
}  # fmt: skip
_WRITTEN_BACK = {
    DataClass.TASK_LOG, DataClass.OBSERVATION, DataClass.MESSAGE, DataClass.MODULE_ANSWER,
    DataClass.RECORDING, DataClass.HELPER_CARD, DataClass.COVER_PAGE,
}  # fmt: skip
_NOTES = {
    DataClass.NOTE_PROGRESS, DataClass.NOTE_MEMBER, DataClass.NOTE_GROUP, DataClass.NOTE_PSYCHOTHERAPY,
    DataClass.NOTE_REFLECTIVE, DataClass.ALLIANCE, DataClass.SAFEGUARDING,
}  # fmt: skip

KEY_TABLE: dict[str, frozenset[DataClass]] = {
    "identity": frozenset(
        {DataClass.CONTACT, DataClass.CONTACT_NAMES, DataClass.CONSENT, DataClass.COURT_ORDER}
        | {DataClass.AUDIT}
    ),
    "care-plans": frozenset(
        _PLAN_TASK_SAFETY
        | {DataClass.FORMULATION, DataClass.TASK_LOG, DataClass.OBSERVATION, DataClass.AUDIT}
    ),
    "sessions": frozenset(
        _SESSION_SHARED
        | _NOTES
        | {DataClass.MEASURE, DataClass.TASK, DataClass.PLAN_TEAM, DataClass.PLAN_PRIVATE}
        | {DataClass.TASK_LOG, DataClass.AUDIT}
    ),
    "family-portal": frozenset(
        _PLAN_TASK_SAFETY | _SESSION_SHARED | _WRITTEN_BACK | {DataClass.CONTACT_NAMES, DataClass.AUDIT}
    ),
    "notifications": frozenset({DataClass.CONTACT, DataClass.AUDIT}),
}
"""Which service may be handed the key of which class; identity refuses all others."""
