"""Papers of collectives (*cahiers d'acteurs*): the words and pictures of a PDF, DOCX or ODT.

Read by `papers_child.py` in a sandbox. Nothing else of the file is ever shown or served.
"""

import json
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from app.errors import N_, AppError, DiskFull
from app.media import sandbox
from app.media.sniff import HEAD, Kind, sniff

PROGRAM = Path(__file__).with_name("papers_child.py")
READERS = sorted(PROGRAM.parent.glob("papers_*.py"))
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # the container of .doc, and of a DOCX with a password
LIMITS = sandbox.Limits(seconds=40.0, cpu=30, memory=1_500_000_000, file_size=30_000_000)

MESSAGES = {
    "paper_kind": N_("Nous ne savons pas lire ce document. Choisissez un PDF, un DOCX ou un ODT."),
    "paper_old_format": N_(
        "Ce document est dans un ancien format."
        " Ouvrez-le, enregistrez-le en DOCX, ODT ou PDF, puis envoyez-le de nouveau."
    ),
    "paper_protected": N_(
        "Ce document est protégé par un mot de passe. Enregistrez-le sans mot de passe, puis envoyez-le de nouveau."
    ),
    "paper_scanned": N_(
        "Ce document ne contient que des images : nous n’y trouvons pas de texte."
        " Envoyez le fichier d’origine, ou écrivez le texte ici."
    ),
    "paper_empty": N_("Ce document est vide. Vérifiez que c’est le bon, puis envoyez-le de nouveau."),
    "paper_broken": N_("Ce document est abîmé ou incomplet. Enregistrez-le de nouveau, puis renvoyez-le."),
    "paper_pages": N_("Ce document a trop de pages : 200 au plus. Envoyez une version plus courte."),
    "paper_too_long": N_("Ce document est trop long. Envoyez une version plus courte."),
    "paper_too_large": N_(
        "Ce document est trop lourd à ouvrir. Enregistrez-le avec des images plus petites, puis envoyez-le de nouveau."
    ),
    "paper_timeout": N_(
        "Ce document met trop de temps à s’ouvrir. Enregistrez-le en DOCX ou en ODT, puis envoyez-le de nouveau."
    ),
}


class PaperRefused(AppError):
    """The file itself cannot be used: trying again changes nothing. `code` is a key of MESSAGES."""

    status, code = 422, "paper_broken"

    def __init__(self, code: str, **extra: Any) -> None:
        super().__init__(MESSAGES[code], code=code, **extra)


class ReaderLost(RuntimeError):
    """The reading process was killed from outside (a full machine, a stop): try the paper again later."""


@dataclass(frozen=True)
class Paper:
    """Plain text: headings are lines of their own between blank lines, items of lists begin with "– ".

    `pictures`: JPEG files, five at most, in the order of the paper; `alts`: what the author says each shows, or "".
    """

    title: str
    body: str
    pictures: list[Path] = field(default_factory=list)
    alts: list[str] = field(default_factory=list)


def extract(source: Path, out_dir: Path, *, limits: sandbox.Limits = LIMITS) -> Paper:
    """Reads the paper at `source`; pictures go into `out_dir`.

    PaperRefused (final), DiskFull and ReaderLost (try again).
    """
    kind = _kind(source)
    command = [sys.executable, "-I", str(PROGRAM), kind, str(source.resolve()), str(out_dir.resolve())]
    ended = sandbox.run(
        command, limits=limits, reads=[*_python(), *READERS, source.resolve()], writes=out_dir.resolve()
    )
    answer = out_dir / "answer.json"
    if not answer.exists():
        raise _verdict(ended)
    said = json.loads(answer.read_text())
    if said.get("code") == "disk_full":
        raise DiskFull()
    if "code" in said:
        raise PaperRefused(said["code"], detail=said.get("detail", ""))
    made = said["ok"]
    pictures = [out_dir / each["name"] for each in made["pictures"]]
    return Paper(made["title"], made["body"], pictures, [each["alt"] for each in made["pictures"]])


def _kind(source: Path) -> str:
    with source.open("rb") as opened:
        head = opened.read(HEAD)
    if head.startswith(OLE):
        locked = "EncryptedPackage".encode("utf-16-le") in source.read_bytes()
        raise PaperRefused("paper_protected" if locked else "paper_old_format")
    if not head:
        raise PaperRefused("paper_empty")
    found = sniff(head)
    if found is Kind.PDF:
        return "pdf"
    if found is Kind.ARCHIVE and head.startswith(b"PK"):
        return "office"
    raise PaperRefused("paper_kind")


def _python() -> list[Path]:
    """What the interpreter needs to see of the disk."""
    return list(dict.fromkeys([Path(sys.prefix), Path(sys.base_prefix)]))


def _verdict(ended: sandbox.Ended) -> Exception:
    """It ended without an answer."""
    if ended.late or ended.killed in (14, 24):  # the limits of time
        return PaperRefused("paper_timeout")
    if ended.killed in (0, 2, 9, 15):
        return ReaderLost(f"ended with {ended.status}: {ended.words[-300:]}")
    return PaperRefused("paper_broken", detail=f"the reader ended with {ended.status}")
