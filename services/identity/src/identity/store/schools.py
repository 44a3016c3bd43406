"""Schools: one row each per tenant."""

from typing import Any

from identity.schools import School
from identity.store.rows import NounStore


class SchoolStore(NounStore[School]):
    """The schools a tenant works with."""

    collection = "schools"
    noun = School

    def words_of(self, noun: School) -> dict[str, Any]:
        """The names of the school and its classes."""
        return noun.words.model_dump(mode="json")

    def with_words(self, fields: dict[str, Any], words: dict[str, Any]) -> School:
        """The school with its names."""
        return School.model_validate({**fields, "words": words})
