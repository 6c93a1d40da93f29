"""The consultation of this instance: loaded once at start, then the same for every thread."""

from pathlib import Path

from app.consultation.checks import problems
from app.consultation.reading import ContentError, read
from app.consultation.schemas import Consultation

__all__ = ["NANTES", "ContentError", "configure", "consultation", "load"]

NANTES = Path(__file__).with_name("nantes-2022.toml")

_current: Consultation | None = None


def configure(path: Path = NANTES) -> Consultation:
    """Makes the file at `path` the current consultation; raises `ContentError`, keeping the old one."""
    global _current  # one consultation per process, by design
    _current = load(path)
    return _current


def consultation() -> Consultation:
    """The current consultation; the one of Nantes where nothing was configured."""
    return _current or configure()


def load(path: Path) -> Consultation:
    """Reads and checks a content file; raises `ContentError`, which names file, line and key."""
    return read(path, Consultation, problems)
