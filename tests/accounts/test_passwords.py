"""Which passwords are refused, in which words, and how they are kept."""

import pytest

from app.accounts.passwords import BANAL, check_new, hash_password, matches
from app.errors import Unprocessable


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("onze lettre", "password_short"),
        ("x" * 201, "password_long"),
        ("agent.moi@ville.example", "password_is_email"),
        ("Agent.Moi@Ville.example", "password_is_email"),
        ("agent.moi@ville.example!", "password_is_email"),
        ("motdepasse123", "password_banal"),
        ("Mot De Passe 123", "password_banal"),
        ("ababababababab", "password_banal"),
    ],
)
def test_a_password_easy_to_guess_is_refused(password, code):
    with pytest.raises(Unprocessable) as refused:
        check_new(password, email="agent.moi@ville.example")
    assert refused.value.errors[0].code == code


@pytest.mark.parametrize(
    "password", ["quatre chats dans le tram", "كلمة سر طويلة جدا", "aB3$aB3$aB3$", "🐈🐕🐎🐄🐖🐑🐐🐓🦆🦉🐝🐞"]
)
def test_a_long_one_is_accepted_whatever_it_is_made_of(password):
    check_new(password, email="agent@ville.example")


def test_fifty_banal_ones_are_known():
    assert len(BANAL) >= 50
    assert all(len(password) >= 11 for password in BANAL)


def test_a_hash_is_argon2id_within_64_megabytes():
    kept = hash_password("quatre chats dans le tram")
    assert kept.startswith("$argon2id$")
    assert int(kept.split("m=")[1].split(",")[0]) <= 64 * 1024
    assert matches(kept, "quatre chats dans le tram")
    assert not matches(kept, "quatre chats dans le bus!")
    assert not matches(None, "quatre chats dans le tram")
    assert not matches("not a hash", "quatre chats dans le tram")


def test_the_same_letters_typed_otherwise_are_the_same_password():
    assert matches(hash_password("été à la plage"), "été à la plage")
