"""`python -m kith_local.parts up|down|ready HOME [--keep]`: the parts of a home, as JSON for programs.

`python -m kith_local.parts fetch` fetches what they need beforehand.
"""

import json
import sys
from pathlib import Path

from kith_local.home import Home
from kith_local.parts.kafka import install
from kith_local.parts.stack import Stack, down, up


def main(verb: str, home: str = "", *options: str) -> int:
    """Do one verb; the answer is the process's exit code, with a sentence on stderr when it is not 0."""
    place = Home(Path(home))
    try:
        if verb == "fetch":
            install()
        elif verb == "down":
            down(place)
        elif verb == "ready":
            Stack(place).ready()
        else:
            print(json.dumps(up(place, keep="--keep" in options)))
    except RuntimeError as problem:
        print(problem, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
