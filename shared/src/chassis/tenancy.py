"""What a tenant's handle refuses: naming another tenant, code for the server, leaving the collection."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

Doc = dict[str, Any]
Filter = Mapping[str, Any]
Update = Mapping[str, Any] | Sequence[Mapping[str, Any]]

NO_TENANT = "-"
"""Stands where a tenant would: persons, who are global, and their keys."""

_PLAIN = frozenset({str, int, float, bool, type(None), datetime, bytes})
"""Values that hold nothing to look into: nearly all of them, so they are asked first."""
_CODE = frozenset({"$where", "$function", "$accumulator"})
_LEAVES = frozenset({"$out", "$merge", "$graphLookup", "$geoNear", "$changeStream", "$documents"})
_REPLACES = frozenset({"$replaceRoot", "$replaceWith", "$project", "$unset"})


class TenancyRefused(Exception):
    """A query, document or pipeline that would step out of its tenant; a programming error, never a 404."""


def named_tenant(tenant_id: str) -> str:
    """The tenant a handle is for. Raises TenancyRefused when it is missing: there is no default tenant."""
    if not isinstance(tenant_id, str) or not tenant_id or ":" in tenant_id:
        raise TenancyRefused("a tenant is required")
    return tenant_id


def _check_key(key: str, value: object, tenant_id: str) -> None:
    if key in _CODE or key in _LEAVES:
        raise TenancyRefused(f"{key} is not allowed")
    if key == "tenant_id" and value != tenant_id:
        raise TenancyRefused("another tenant is named")
    if key.startswith("tenant_id."):
        raise TenancyRefused("tenant_id has no parts")
    if key == "$rename" and isinstance(value, Mapping) and "tenant_id" in (*value, *value.values()):
        raise TenancyRefused("tenant_id cannot be renamed")


def refuse(value: object, tenant_id: str) -> None:
    """Walk a filter, document or update. Raises TenancyRefused at another tenant's id or server-side code."""
    if type(value) in _PLAIN:
        return
    if isinstance(value, Mapping):
        for name, inner in value.items():
            key = str(name)
            if key[:1] == "$" or key[:9] == "tenant_id":
                _check_key(key, inner, tenant_id)
            if type(inner) not in _PLAIN:
                refuse(inner, tenant_id)
    elif isinstance(value, list | tuple):
        for inner in value:
            refuse(inner, tenant_id)


def scoped_filter(filter: Filter | None, tenant_id: str) -> Doc:
    """The filter with its tenant. Raises TenancyRefused."""
    refuse(filter, tenant_id)
    return {"tenant_id": tenant_id, **(filter or {})}


def scoped_document(document: Filter, tenant_id: str) -> Doc:
    """The document with its tenant. Raises TenancyRefused when its `_id` is not prefixed by the tenant."""
    refuse(document, tenant_id)
    key = document.get("_id")
    if key is not None and not (isinstance(key, str) and key.startswith(f"{tenant_id}:")):
        raise TenancyRefused("the _id of a tenant's row begins with the tenant")
    return {**document, "tenant_id": tenant_id}


def scoped_update(update: Update, tenant_id: str) -> Update:
    """The update as it is. Raises TenancyRefused when it could change or remove the row's tenant."""
    if isinstance(update, Mapping):
        if not all(key.startswith("$") for key in update):
            raise TenancyRefused("an update names operators; use replace_one for a whole document")
    else:
        for stage in update:
            if _REPLACES & stage.keys():
                raise TenancyRefused("an update pipeline may only set fields")
    refuse(update, tenant_id)
    return update


def _scoped_join(stage: Mapping[str, Any], tenant_id: str) -> None:
    inner = stage.get("pipeline")
    first = inner[0] if isinstance(inner, list) and inner else {}
    if first.get("$match", {}).get("tenant_id") != tenant_id:
        raise TenancyRefused("a join matches the tenant in its own pipeline first")
    _check_stages(inner, tenant_id)


def _check_stages(pipeline: Sequence[Mapping[str, Any]] | None, tenant_id: str) -> None:
    for stage in pipeline or ():
        for name, body in stage.items():
            if name in ("$lookup", "$unionWith"):
                _scoped_join(body if isinstance(body, Mapping) else {}, tenant_id)
            elif name == "$facet":
                for branch in body.values():
                    _check_stages(branch, tenant_id)
            elif name == "$match":
                refuse(body, tenant_id)
            else:
                _refuse_code({name: body})


def _refuse_code(value: object) -> None:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if key in _CODE or key in _LEAVES:
                raise TenancyRefused(f"{key} is not allowed")
            _refuse_code(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            _refuse_code(inner)


def scoped_pipeline(pipeline: Sequence[Mapping[str, Any]], tenant_id: str) -> list[Mapping[str, Any]]:
    """The pipeline with the tenant as its first match. Raises TenancyRefused on unscoped joins and code."""
    _check_stages(pipeline, tenant_id)
    return [{"$match": {"tenant_id": tenant_id}}, *pipeline]
