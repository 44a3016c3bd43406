"""`kith rebuild`: the portal's views built anew from the first event on, compared, and put right."""

import asyncio
import logging
import os
from typing import Any

from kith_local.environment import service_environment
from kith_local.home import Home
from kith_local.parts.stack import Stack
from kith_local.tending import must_be_tended


def rebuild(home: Home, *, swap: bool) -> dict[str, Any]:
    """What was found, as JSON. Raises RuntimeError with a sentence when it could not be found out."""
    must_be_tended(home.path)
    logging.getLogger("aiokafka").setLevel(logging.ERROR)
    os.environ.update(service_environment(Stack(home), "family-portal", "rebuild"))
    return asyncio.run(_rebuild(swap))


async def _rebuild(swap: bool) -> dict[str, Any]:
    from chassis.errors import Problem
    from chassis.runtime import open_chassis
    from family_portal.settings import Settings
    from family_portal.views.rebuild import NotLevel, Rebuild

    try:
        async with open_chassis(Settings()) as chassis:
            return (await Rebuild(chassis).run(swap=swap)).plain()
    except (NotLevel, Problem) as error:
        raise RuntimeError(str(error) or type(error).__name__) from error
