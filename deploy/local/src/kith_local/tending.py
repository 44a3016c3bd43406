"""Whether a supervisor tends a home, and which processes are still those that it started."""

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

_STATE, _BORN = 0, 19
"""Where a process's state and the moment of its start stand behind its name."""


def born(pid: int | None) -> int | None:
    """When a process began, in the kernel's ticks, so that nobody else is taken for it; None of one that has ended."""
    with suppress(OSError, IndexError, ValueError):
        told = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return None if told[_STATE] in "ZX" else int(told[_BORN])
    return None


def written(pid: int, processes: dict[str, int | None], **more: str) -> str:
    """What a supervisor keeps in its home of itself and its processes, for `tended` to read."""
    births = {name: born(each) for name, each in processes.items()}
    told = {"pid": pid, "born": born(pid), **more, "processes": processes, "births": births}
    return json.dumps(told, indent=1)


def tended(folder: Path) -> dict[str, Any] | None:
    """What the supervisor of a home has written, while it lives; None where none does. It makes nothing.

    Of its processes only those have a pid that are still the ones it started.
    """
    try:
        told: dict[str, Any] = json.loads((folder / "supervisor.json").read_text())
    except (FileNotFoundError, NotADirectoryError):
        return None
    if not _is(told.get("pid"), told.get("born")):
        return None
    births = told.get("births", {})
    own = {name: pid if _is(pid, births.get(name)) else None for name, pid in told["processes"].items()}
    return {**told, "processes": own}


def must_be_tended(folder: Path) -> dict[str, Any]:
    """The same. Raises RuntimeError with a sentence where no supervisor lives."""
    told = tended(folder)
    if told is None:
        here = "" if folder.is_dir() else ", and there is no such folder"
        raise RuntimeError(f"Kith is not running from {folder}{here}; `kith up` starts it.")
    return told


def _is(pid: int | None, since: int | None) -> bool:
    now = born(pid)
    return now is not None and since in (None, now)  # files of before kept no births
