"""The world outside, behind Protocols: each has a real part and a fake for tests."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from app.adapters.clock import Clock, ShiftedClock

if TYPE_CHECKING:
    from app.adapters.mailer import Mailer
    from app.adapters.sms import Sms
    from app.adapters.storage import Storage


@dataclass(frozen=True)
class Adapters:
    """What handlers and jobs are given of the outside world."""

    storage: "Storage"
    mailer: "Mailer"
    clock: Clock = field(default_factory=ShiftedClock)
    sms: "Sms | None" = None
    base_url: str = "http://127.0.0.1:8000"
    mail_from: str = ""
    duty_contacts: tuple[str, ...] = ()  # e-mail addresses and, where text messages can be sent, numbers
    slow_above: int = 600  # contributions in ten minutes beyond which slow mode switches itself on; 0: never
    data_dir: Path = Path("data")  # what must outlive the database: the erasure ledger
    captions_model: Path | None = None  # what a machine writes down speech with, if it does
    audit_dir: Path | None = None  # where the journal's heads are noted; none: in the data folder
