"""`dialogue erase`: what it does and says. A refusal ends the program with words."""

import sys
from datetime import datetime

from pydantic_core import PydanticCustomError

from app.accounts.rules import COMMAND_LINE
from app.db import writing
from app.errors import Unauthorized
from app.privacy import rules


def erase(*, receipt: str, email: str, now: datetime) -> str:
    """What to print: how much was forgotten. Nothing found is no fault: it is what was asked for."""
    if bool(receipt) is bool(email):
        sys.exit("Say whose: --receipt CODE, or --email ADDRESS.")
    try:
        with writing() as db:
            if receipt:
                done = rules.erase_held(db, receipt, by=COMMAND_LINE, now=now)
            else:
                done = rules.erase_address(db, email.strip(), by=COMMAND_LINE, now=now)
    except Unauthorized:
        sys.exit("This receipt opens nothing: look at the words, their order and the two digits.")
    except PydanticCustomError:
        sys.exit(f"{email}: this is not a whole e-mail address.")
    return (
        f"erased: contributions {done.contributions}, registrations {done.registrations}, reports {done.reports}\n"
        "The worker removes files and what the database still holds of it: it must run."
    )
