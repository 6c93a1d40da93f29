"""Passwords: argon2id, and the only two rules that help: long, and not the first one everybody tries."""

import threading
import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from app.errors import N_, refuse_field

SHORTEST, LONGEST = 12, 200
# OWASP's first choice: 46 MiB, one pass; about 80 ms here. Two at once at most, so that a rush stays small.
_hasher = PasswordHasher(time_cost=1, memory_cost=47104, parallelism=1)
_at_once = threading.BoundedSemaphore(2)

# Of a random value nobody kept: what is compared when there is no password, for the same time.
NOBODY = "$argon2id$v=19$m=47104,t=1,p=1$wX02tfIPao9fW8Wnk8igRQ$l9InHc9wgk0hUQHw4fAYrReIqHPkHACKpUeLwB3O9Ic"

# Once twelve characters are asked for; spaces and case do not count.
TRIED_FIRST = """
123456789012 1234567890123 12345678901234 123456789123 123123123123 012345678901 000000000000 111111111111
121212121212 987654321098 aaaaaaaaaaaa abcdefghijkl abcdefghijklm abcdef123456 abc123abc123 abcd12345678
azertyuiopqs azertyuiop12 azertyuiop123 azertyazerty azerty123456 azerty12345! azertyuiopqsdf qwertyuiopas
qwertyuiop12 qwertyuiop123 qwerty123456 qwertyqwerty qwertyuiop[] 1q2w3e4r5t6y 1a2b3c4d5e6f motdepasse12
motdepasse123 motdepasse1234 motdepasse!! monmotdepasse motdepassemotdepasse password1234 password12345
password123! passwordpassword passw0rd1234 administrateur administrator admin1234567 adminadmin12
adminadminadmin bonjourbonjour bonjour12345 bonjour123456 bienvenue123 bienvenue1234 soleilsoleil
soleil123456 iloveyou1234 jetaimejetaime doudoudoudou letmeinletmein changemechangeme changezmoi123
nantes440000 nantesnantes solidarites44 nouvellessolidarites
"""
BANAL = frozenset(TRIED_FIRST.split())


def check_new(password: str, *, email: str, field: str = "password") -> None:
    """Raises Unprocessable, in plain words, when `password` is too easy to guess."""
    plain = _folded(password)
    if len(password) < SHORTEST:
        words = N_("C’est trop court : 12 caractères au moins. Une phrase va bien.")
        raise refuse_field(field, "password_short", words)
    if len(password) > LONGEST:
        raise refuse_field(field, "password_long", N_("C’est trop long : 200 caractères au plus."))
    if _folded(email) in plain or plain == _folded(email.partition("@")[0]):
        words = N_("Ne prenez pas votre adresse : on l’essaie en premier.")
        raise refuse_field(field, "password_is_email", words)
    if plain in BANAL or len(set(plain)) < 4:
        words = N_("Beaucoup de gens prennent celui-là. Choisissez-en un autre.")
        raise refuse_field(field, "password_banal", words)


def hash_password(password: str) -> str:
    """About 80 ms and 46 MiB: call it outside any transaction."""
    with _at_once:
        return _hasher.hash(_bytes(password))


def matches(stored: str | None, password: str) -> bool:
    """Takes the same time whether there is a password to compare with or not."""
    with _at_once:
        try:
            return _hasher.verify(stored or NOBODY, _bytes(password)) and stored is not None
        except (VerificationError, InvalidHashError):
            return False


def _bytes(password: str) -> bytes:
    # The same characters typed on another keyboard must give the same bytes.
    return unicodedata.normalize("NFKC", password).encode("utf-8", "replace")


def _folded(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())
