"""`python -m tests.outreach.street --people 200`: a day in the street, with all that goes wrong in one (`make chaos`).

A phone pairs, loses the network, and collects; its battery dies in the middle of words, of saving and of sending;
the network comes back bad (proxy.py); the service is killed as it takes things in. At the end every record is there
once, every photo and sound byte for byte, and nothing is left on the phone. Then the same with a service that does not
know a record again (forgetful.py), which must go wrong. A run is drawn from its seed, which is said first.
"""

import argparse
import random
import shutil
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import sync_playwright
from sqlmodel import Session, col, select

from app import db
from app.adapters import vault
from app.adapters.clock import real_now
from app.models import Channel, Collected, CollectedMedia, Contribution, Media, Revision, Role
from app.outreach import pairing
from tests import factories
from tests.live import Live
from tests.outreach.phone import Person, Phone
from tests.outreach.plan import Outcome, Plan, hashed
from tests.outreach.proxy import Proxy
from tests.processes import folder, free_port

KEY = "k" * 48
STORING = 60  # seconds until what is held is in the store


class Service:
    """The real one, which may be killed and started again."""

    def __init__(self, home: Path, address: str, module: str) -> None:
        settings = {"DIALOGUE_RATE_LIMITS": "off", "DIALOGUE_SECRET_KEY": KEY, "DIALOGUE_BASE_URL": address}
        self.live = Live(home, settings=settings, module=module)
        self.kills = 0
        self._running = ExitStack()

    def start(self) -> None:
        self._running.enter_context(self.live.serving())

    def kill(self) -> None:
        """In turn what answers, whose parent starts another, and all of it at once, as a power cut does."""
        self.kills += 1
        if self.kills % 2:
            self.live.kill_web()
            self.live.wait()
        else:
            self.stop()
            self.start()

    def stop(self) -> None:
        """At once: what its jobs would still do with the media is another test's."""
        self.live.kill_all()
        self._running.close()


@dataclass
class Day:
    """One run."""

    plan: Plan
    phone: Phone
    network: Proxy
    service: Service
    crowd: list[Person]
    found: list[str] = field(default_factory=list)
    looked: bool = False
    outing: str = ""  # its id, which is no secret

    def __post_init__(self) -> None:
        self.entry, self.sync, self.deaths = self.plan.in_entry(), self.plan.in_sync(), self.plan.of_service()

    def collect(self) -> None:
        """Most of it without any network; the rest while what waits is leaving."""
        back = len(self.crowd) * 6 // 10
        self.network.mode = "cut"
        for person in self.crowd:
            if person.number == back:
                self.look()
                self.network.mode = "bad"
            self._one(person)
            self._strike()

    def look(self) -> None:
        """What somebody who finds the phone could read on it, switched off, with all these people's words in it."""
        self.phone.close()
        self.found = self.phone.traces([person.mark for person in self.crowd])
        self.looked = bool(self.phone.traces([self.outing]))
        self.phone.reopen()

    def _one(self, person: Person) -> None:
        stage = self.entry.get(person.number)
        if stage is None:
            self.phone.record(person)
            return
        self._until(person, stage)
        time.sleep(random.Random(f"{self.plan.seed} {person.number}").uniform(0, 0.25))
        self.phone.kill()
        self.phone.reopen()
        if self.phone.total() > person.number:
            return
        if self.phone.has_draft():
            if self.phone.resume() != person.words:
                self.phone.write(person)
            if self.phone.shown() != len(person.files):
                self.phone.show(person)
            self.phone.touch_save()
            self.phone.saved()
        else:
            self.phone.record(person)

    def _until(self, person: Person, stage: str) -> None:
        steps = {
            "card": self.phone.card,
            "words": lambda: self.phone.write(person),
            "files": lambda: self.phone.show(person) if person.files else None,
            "touch": self.phone.touch_save,
            "saved": self.phone.saved,
        }
        for name, step in steps.items():
            step()
            if name == stage:
                return

    def _strike(self) -> None:
        """Whatever is due by now: the phone dies while it sends, the service while it takes in."""
        heard = sum(self.network.handed[method] for method in ("PUT", "POST", "PATCH", "idle"))
        if self.deaths and heard >= self.deaths[0]:
            self.deaths.pop(0)
            self.service.kill()
        if self.sync and heard >= self.sync[0]:
            self.sync.pop(0)
            self.phone.kill()
            self.phone.reopen()

    def drain(self) -> str:
        """Until nothing waits; what is said of what does, else."""
        self.phone.home()
        deadline, asked = time.monotonic() + self.plan.patience, 0.0
        while self.phone.waiting() or self.sync or self.deaths:
            if time.monotonic() > deadline:
                return f"still waiting: {self.phone.troubles()}"
            if time.monotonic() - asked > 1.5:
                self.phone.send_now()
                asked = time.monotonic()
            if not self.phone.waiting():  # all gone before they were due: they strike an idle phone
                self.network.handed["idle"] += 1000
            self._strike()
            time.sleep(0.05)
        return ""


def run(plan: Plan, *, module: str = "app.cli", database: Path | None = None) -> Outcome:
    """The whole day, on an empty service of its own; on a copy of `database`, to begin sooner."""
    began = time.monotonic()
    with folder("street") as home, sync_playwright() as playwright:
        (home / "serve" / "data").mkdir(parents=True)
        if database:
            shutil.copy(database, home / "serve" / "data" / "dialogue.sqlite")
        crowd = plan.crowd(home)
        network = Proxy(free_port(), upstream=0, seed=plan.seed)
        service = Service(home / "serve", network.url, module)
        network.upstream = service.live.port
        phone = Phone(playwright, home / "profile", f"{network.url}/equipe/collecte")
        phone.profile.mkdir()
        day = Day(plan, phone, network, service, crowd)
        with network.running(), _served(service), phone.on():
            phone.open()
            code, day.outing = paired()
            phone.pair(code, day.outing)
            day.collect()
            trouble = day.drain()
            network.mode = "clear"
            outcome = _outcome(day, trouble)
    outcome.seconds = time.monotonic() - began
    return outcome


@contextmanager
def _served(service: Service) -> Iterator[None]:
    """This process opens the same database."""
    service.start()
    db.configure(f"sqlite:///{service.live.data / 'dialogue.sqlite'}")
    vault.configure(KEY)
    try:
        yield
    finally:
        db.dispose()
        service.stop()


def paired() -> tuple[str, str]:
    """A mediator with an outing today; a code for their phone."""
    with db.writing() as session:
        mediator = factories.staff(session, Role.MEDIATOR)
        outing = factories.outing(session, mediator)
        code = pairing.make_code(session, mediator, by=mediator, at=real_now(), now=factories.NOW)
        return code, str(outing.id)


def _outcome(day: Day, trouble: str) -> Outcome:
    files = [file for person in day.crowd for file in person.files]
    outcome = Outcome(
        Counter(person.words for person in day.crowd),
        shown=Counter(hashed(file) for file in files),
        left=day.phone.kept("records", "blobs", "draft"),
        receipts=day.phone.kept("lines")["lines"],
        kills=day.phone.kills,
        server_kills=day.service.kills,
        befell=day.network.befell,
        found=day.found,
        looked=day.looked,
        trouble=trouble,
    )
    with db.reading() as session:
        words = (
            select(Revision.body)
            .join(Contribution, col(Contribution.seq) == col(Revision.contribution_seq))
            .where(col(Contribution.channel) == Channel.STREET)
        )
        outcome.there = Counter(session.exec(words).all())
        outcome.records = len(session.exec(select(Collected.seq)).all())
    outcome.media = Counter(_stored(day.service.live.data / "media", len(files)))
    return outcome


def _stored(store: Path, wanted: int) -> list[str]:
    """SHA-256 of each original that is held, once all of them lie in the store."""
    deadline = time.monotonic() + STORING
    while True:
        with db.reading() as session:
            keys = _originals(session)
        if len(keys) >= wanted or time.monotonic() > deadline:
            return [hashed(store / key) for key in keys]
        time.sleep(0.2)


def _originals(session: Session) -> list[str]:
    held = (
        select(Media.original)
        .join(CollectedMedia, col(CollectedMedia.media_seq) == col(Media.seq))
        .where(col(CollectedMedia.held_at).is_not(None), col(Media.original).is_not(None))
    )
    return [key for key in session.exec(held) if key]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.outreach.street", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--people", type=int, default=200)
    parser.add_argument("--seed", type=int, default=random.randrange(1_000_000))
    asked = parser.parse_args()
    plan = Plan(asked.seed, asked.people, asked.people // 5, asked.people // 20, 10, 5)
    print(f"seed {plan.seed}", flush=True)  # noqa: T201 - what it is run for
    good = run(plan)
    print(good, *good.faults(), sep="\n", flush=True)  # noqa: T201
    less = Plan(asked.seed, max(20, asked.people // 5), 4, 2, 1, 1, patience=30)
    control = run(less, module="tests.outreach.forgetful")
    print("without knowing records again:", control, *control.faults()[:5], sep="\n", flush=True)  # noqa: T201
    return int(bool(good.faults()) or not control.faults())


if __name__ == "__main__":
    sys.exit(main())
