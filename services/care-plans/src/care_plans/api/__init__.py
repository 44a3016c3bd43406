"""HTTP in: what staff, families, schools and clients ask of a plan."""

from care_plans.api.about_me import router as about_me
from care_plans.api.discarding import router as discarding
from care_plans.api.endings import router as endings
from care_plans.api.episodes import router as episodes
from care_plans.api.goals import router as goals
from care_plans.api.log_answers import router as log_answers
from care_plans.api.plans import router as plans
from care_plans.api.progress import router as progress
from care_plans.api.proposals import router as proposals
from care_plans.api.rests import router as rests
from care_plans.api.strategies import router as strategies
from care_plans.api.tasks import router as tasks
from care_plans.api.translations import router as translations

ROUTERS = (
    episodes,
    goals,
    discarding,
    endings,
    plans,
    proposals,
    about_me,
    strategies,
    tasks,
    translations,
    rests,
    log_answers,
    progress,
)
