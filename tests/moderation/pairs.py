"""`python -m tests.moderation.pairs 1000`: so many pairs of contradictory decisions, on SQLite and on PostgreSQL.

Each pair: exactly one 201, one 409, one audit entry, one message (docs quality: decides once). The suite has a hundred.
"""

import os
import sys

import pytest


def main(pairs: str) -> int:
    os.environ["PAIRS"] = str(int(pairs))
    return pytest.main(
        ["-q", "-x", "--durations=2", "tests/moderation/test_races.py", "-k", "two_contradictory_decisions"]
    )


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:2] or ["1000"]))
