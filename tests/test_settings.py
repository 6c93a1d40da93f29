"""Settings: a bad value stops the start with a sentence that names it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from app import checks
from app.process import Unusable, outside
from app.settings import Settings, read_settings

ROOT = Path(__file__).parent.parent


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("DIALOGUE_NOW", "demain", "DIALOGUE_NOW"),
        ("DIALOGUE_NOW", "2022-03-15T10:00:00", "DIALOGUE_NOW"),
        ("DIALOGUE_MEDIA_URL", "ftp://x", "DIALOGUE_MEDIA_URL: write file:///folder or s3://bucket/prefix"),
        ("DIALOGUE_BASE_URL", "dialogue.example", "DIALOGUE_BASE_URL: write the full public address"),
        ("DIALOGUE_BASE_URL", "https://dialogue.example/?a=1", "DIALOGUE_BASE_URL: write the full public address"),
        ("DIALOGUE_BASE_URL", "https://dialogue example", "DIALOGUE_BASE_URL: write the full public address"),
        ("DIALOGUE_DATABASE_URL", "postgres", "DIALOGUE_DATABASE_URL: write postgresql://user:password@host/name"),
        ("DIALOGUE_DATABASE_URL", "mysql://h/d", "DIALOGUE_DATABASE_URL: write postgresql://"),
        ("DIALOGUE_MAIL_FROM", "la mairie", "DIALOGUE_MAIL_FROM: write the sender's address"),
        ("DIALOGUE_TRUSTED_PROXIES", "10.0.0.2, proxy", "DIALOGUE_TRUSTED_PROXIES: write addresses or networks"),
        ("DIALOGUE_RATE_LIMITS", "maybe", "DIALOGUE_RATE_LIMITS"),
        ("DIALOGUE_THREADS", "0", "DIALOGUE_THREADS"),
        ("DIALOGUE_MAP_TILES", "https://tiles.example/map.png", "DIALOGUE_MAP_TILES: write an address with {z}, {x}"),
        ("DIALOGUE_MAP_TILES", "https://tiles.example; script-src *//{z}/{x}/{y}", "DIALOGUE_MAP_TILES"),
        ("DIALOGUE_DUTY_CONTACT", "nuit@a.example, 06 12", "DIALOGUE_DUTY_CONTACT: write e-mail addresses"),
    ],
)
def test_a_bad_setting_is_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit) as stop:
        read_settings()
    assert said in str(stop.value)


def test_the_map_may_come_from_elsewhere_or_not_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIALOGUE_MAP_TILES", "https://tiles.example:8443/{z}/{x}/{y}.png")
    assert read_settings().map_origin == "https://tiles.example:8443"
    monkeypatch.setenv("DIALOGUE_MAP_TILES", "off")
    assert (read_settings().map_tiles, read_settings().map_origin) == ("", "")


def test_duty_contacts_are_addresses_and_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIALOGUE_DUTY_CONTACT", "nuit@a.example, +33 6 12 34 56 78")
    assert read_settings().duty_contact == ("nuit@a.example", "+33612345678")
    monkeypatch.setenv("DIALOGUE_DUTY_CONTACT", "")
    assert read_settings().duty_contact == ()


def test_a_duty_number_needs_somebody_who_sends_texts() -> None:
    def found(**given: object) -> object:
        return checks._duty(Settings(**given))[1]  # type: ignore[arg-type]

    number = ("nuit@a.example", "+33612345678")
    assert found() is None
    assert found(duty_contact=number) is False
    assert found(duty_contact=number, sms_url="https://sms.example/send") is True


def test_a_bad_secret_is_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        for name in ("DIALOGUE_DATABASE_URL", "DIALOGUE_MEDIA_URL"):
            patch.setenv(name, "gopher://user:geheim@host/name")
        with pytest.raises(SystemExit) as stop:
            read_settings()
    assert "DIALOGUE_DATABASE_URL" in str(stop.value)
    assert "DIALOGUE_MEDIA_URL" in str(stop.value)
    assert "geheim" not in str(stop.value)
    assert Settings(secret_key="short-and-secret").refusals() == [
        "DIALOGUE_SECRET_KEY is too short: 32 characters or more."
    ]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("given", "refused"),
    [
        ({}, []),
        ({"database_url": "postgresql://h/d"}, ["SECRET_KEY is missing", "BASE_URL is missing"]),
        ({"base_url": "https://dialogue.example"}, ["SECRET_KEY is missing"]),
        ({"base_url": "https://dialogue.example", "secret_key": "k" * 40}, []),
        ({"base_url": "https://dialogue.example", "secret_key": "k" * 40, "rate_limits": "off"}, ["RATE_LIMITS=off"]),
        ({"base_url": "http://127.0.0.1:9000", "rate_limits": "off"}, []),
    ],
)
def test_outside_the_embedded_default_a_key_and_an_address_are_needed(
    given: dict[str, str], refused: list[str]
) -> None:
    found = Settings(**given).refusals()  # type: ignore[arg-type]
    assert len(found) == len(refused)
    assert all(words in line for words, line in zip(refused, found, strict=True))


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("smtp_url", "mail.example", "DIALOGUE_SMTP_URL: neither smtp://"),
        ("smtp_url", "smtp://host:port", "DIALOGUE_SMTP_URL: "),
        ("sms_url", "tel:+33", "DIALOGUE_SMS_URL: neither http://"),
        ("media_url", "s3://", "DIALOGUE_MEDIA_URL: neither file:///folder nor s3://bucket/prefix"),
        ("media_url", "s3://k:s@bucket/p?endpoint=storage", "DIALOGUE_MEDIA_URL: endpoint is not an address"),
        ("media_url", "s3://bucket/p?endpoint=http://storage", "DIALOGUE_MEDIA_URL: no keys: set AWS_ACCESS_KEY_ID"),
        ("media_url", "file:///proc/media", "DIALOGUE_MEDIA_URL: "),
    ],
)
def test_what_only_its_adapter_can_judge_is_named_too(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str, value: str, said: str
) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID", raising=False)
    with pytest.raises(Unusable) as stop:
        outside(Settings(data_dir=tmp_path, **{name: value}))  # type: ignore[arg-type]
    assert str(stop.value).startswith(said)


def test_the_key_is_made_once_and_kept_private(tmp_path: Path) -> None:
    first = Settings(data_dir=tmp_path).key
    assert Settings(data_dir=tmp_path).key == first
    assert len(first) >= 40
    assert (tmp_path / "secret.key").stat().st_mode & 0o077 == 0
    assert [path.name for path in tmp_path.iterdir()] == ["secret.key"]


def test_serve_refuses_in_words_and_starts_nothing(tmp_path: Path) -> None:
    env = {
        "PATH": os.environ["PATH"],
        "DIALOGUE_DATA_DIR": str(tmp_path),
        "DIALOGUE_BASE_URL": "https://dialogue.example",
    }
    done = subprocess.run([sys.executable, "-m", "app.cli", "serve"], cwd=ROOT, env=env, capture_output=True, text=True)
    assert done.returncode == 1
    assert "DIALOGUE_SECRET_KEY is missing" in done.stderr
    assert done.stdout == ""
    assert not (tmp_path / "dialogue.sqlite").exists()


def test_a_database_or_folder_out_of_reach_is_one_line_that_names_the_setting(tmp_path: Path) -> None:
    there = {"PATH": os.environ["PATH"], "DIALOGUE_BASE_URL": "http://127.0.0.1:9", "DIALOGUE_SECRET_KEY": "k" * 40}
    for name, value, said in (
        ("DATABASE_URL", "postgresql://u:geheim@127.0.0.1:1/x", "DIALOGUE_DATABASE_URL: the database cannot be used"),
        ("DATA_DIR", "/proc/none", "DIALOGUE_DATA_DIR: No such file or directory: /proc/none"),
    ):
        env = there | {"DIALOGUE_DATA_DIR": str(tmp_path), f"DIALOGUE_{name}": value}
        command = [sys.executable, "-m", "app.cli", "serve"]
        done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True)
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr.startswith(said)
        assert "Traceback" not in done.stderr
        assert "geheim" not in done.stderr


def test_a_broken_content_file_stops_the_start_with_its_line(tmp_path: Path) -> None:
    broken = tmp_path / "ville.toml"
    broken.write_text(
        (ROOT / "app/consultation/nantes-2022.toml").read_text().replace("collects = true", "collects = vrai", 1)
    )
    env = {"PATH": os.environ["PATH"], "DIALOGUE_DATA_DIR": str(tmp_path), "DIALOGUE_CONSULTATION": str(broken)}
    done = subprocess.run([sys.executable, "-m", "app.cli", "serve"], cwd=ROOT, env=env, capture_output=True, text=True)
    assert done.returncode == 1
    assert "ville.toml" in done.stderr
    assert "ligne" in done.stderr
    assert "Traceback" not in done.stderr
