"""What a day in the street brings, and what must come of it (street.py)."""

import hashlib
import io
import random
import wave
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from PIL import Image

from tests.outreach.phone import Person

STAGES = ("card", "words", "files", "touch", "saved")  # where an entry may be cut short


@dataclass(frozen=True)
class Plan:
    """What happens, all of it drawn from the seed."""

    seed: int
    people: int
    photos: int
    sounds: int
    kills: int
    server_kills: int
    patience: int = 300  # seconds until everything has left, longer than any backoff

    @property
    def dice(self) -> random.Random:
        return random.Random(self.seed)

    def crowd(self, home: Path) -> list[Person]:
        dice = self.dice
        with_photo = set(dice.sample(range(self.people), self.photos))
        with_sound = set(dice.sample(range(self.people), self.sounds))
        made = []
        for number in range(self.people):
            person = Person(number, f"Parole {number:03} : un banc, de l’eau, quelqu’un. {dice.randbytes(8).hex()}")
            if number in with_photo:
                person.photo = _photo(home / f"{number}.jpg", dice)
            if number in with_sound:
                person.sound = _sound(home / f"{number}.wav", dice)
            made.append(person)
        return made

    def in_entry(self) -> dict[int, str]:
        """Whose card the battery dies in, and where: the larger half."""
        dice = random.Random(f"entry {self.seed}")
        chosen = dice.sample(range(self.people), (self.kills + 1) // 2)
        return {number: dice.choice(STAGES) for number in chosen}

    def in_sync(self) -> list[int]:
        """After how many requests that the service has heard the phone dies, then."""
        return self._moments("sync", self.kills // 2, 0.65)

    def of_service(self) -> list[int]:
        return self._moments("service", self.server_kills, 0.15)

    def _moments(self, what: str, count: int, first: float) -> list[int]:
        """Between this part of the day and its end; each record is at least one request."""
        dice = random.Random(f"{what} {self.seed}")
        return sorted(dice.sample(range(max(1, int(first * self.people)), self.people + self.photos), count))


def _photo(file: Path, dice: random.Random) -> Path:
    """One that no other is like."""
    Image.frombytes("RGB", (160, 120), dice.randbytes(160 * 120 * 3)).save(file, quality=85)
    return file


def _sound(file: Path, dice: random.Random) -> Path:
    packed = io.BytesIO()
    with wave.open(packed, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(dice.randbytes(16000))
    file.write_bytes(packed.getvalue())
    return file


@dataclass
class Outcome:
    """What is there at the end, beside what was said."""

    said: Counter[str]
    there: Counter[str] = field(default_factory=Counter)
    records: int = 0
    media: Counter[str] = field(default_factory=Counter)  # SHA-256 of what is stored
    shown: Counter[str] = field(default_factory=Counter)  # of what was photographed and recorded
    left: dict[str, int] = field(default_factory=dict)
    receipts: int = 0
    kills: int = 0
    server_kills: int = 0
    befell: Counter[str] = field(default_factory=Counter)
    found: list[str] = field(default_factory=list)  # words of somebody, on the disk of the phone
    looked: bool = True  # what is no secret was found there in the same way
    trouble: str = ""
    seconds: float = 0

    def faults(self) -> list[str]:
        """Each in words; none when all is well."""
        found = [f"missing: {words}" for words in (self.said - self.there)]
        found += [f"{count} too many: {words}" for words, count in (self.there - self.said).items()]
        if self.records != self.said.total():
            found.append(f"{self.records} records")
        if self.media != self.shown:
            lost, strange = self.shown - self.media, self.media - self.shown
            found.append(f"media: {lost.total()} missing, {strange.total()} that nobody made")
        found += [f"{count} {name} left on the phone" for name, count in self.left.items() if count]
        if self.receipts != self.said.total():
            found.append(f"{self.receipts} receipts on the phone")
        found += [f"read on the phone's disk: {words}" for words in self.found]
        if not self.looked:
            found.append("nothing at all was found on the phone's disk")
        return found + ([self.trouble] if self.trouble else [])

    def __str__(self) -> str:
        bad = ", ".join(f"{name} {count}" for name, count in sorted(self.befell.items()) if name != "nothing")
        return (
            f"{self.there.total()} contributions of {self.said.total()}, "
            f"{self.media.total()} media of {self.shown.total()}, phone killed {self.kills}, "
            f"service killed {self.server_kills}, requests {self.befell.total()} ({bad}), left {self.left}, "
            f"{self.seconds:.0f} s"
        )


def hashed(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()
