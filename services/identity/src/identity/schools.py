"""Schools as one tenant knows them: phase and classes; the names stay sealed."""

from pydantic import BaseModel, ConfigDict, Field

from contracts.ids import Id


class SchoolClass(BaseModel):
    """A class of a school."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: Id
    name: str = Field(min_length=1, max_length=60)
    year: str | None = Field(default=None, max_length=60)


class SchoolWords(BaseModel):
    """What is sealed at rest: the school's and its classes' names."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    name: str
    classes: tuple[SchoolClass, ...] = ()


class School(BaseModel):
    """A school in the clear: ids and its phase."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: Id
    version: int = 1
    phase: Id
    class_ids: tuple[Id, ...] = ()
    words: SchoolWords = Field(exclude=True, repr=False)
