"""Every setting of the service, read once from the environment (prefix DIALOGUE_).

A bad value stops the start with a sentence that names the setting and what to do.
"""

import ipaddress
import re
import secrets
import sys
from email.utils import parseaddr
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AwareDatetime, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

HERE = Path(__file__).parent
# Free, without a key, by a French public service (README.md: DIALOGUE_MAP_TILES names another one).
MAP = (
    "https://data.geopf.fr/wmts?SERVICE=WMTS&REQUEST=GetTile&VERSION=1.0.0&LAYER=GEOGRAPHICALGRIDSYSTEMS.PLANIGNV2"
    "&STYLE=normal&FORMAT=image/png&TILEMATRIXSET=PM&TILEMATRIX={z}&TILEROW={y}&TILECOL={x}"
)
LOOPBACK = {"127.0.0.1", "localhost", "::1"}
# Their values may hold a password: a message about them does not repeat it.
SECRET = {"database_url", "media_url", "metrics_token", "secret_key", "sms_url", "smtp_url"}


class Settings(BaseSettings):
    """The service's configuration. Paths and URLs are resolved by the properties below."""

    model_config = SettingsConfigDict(env_prefix="DIALOGUE_", frozen=True, env_ignore_empty=True, extra="ignore")

    data_dir: Path = Path("data")
    database_url: str = ""
    media_url: str = ""
    media_links: Literal["on", "off"] = "off"
    jobs_url: str = ""
    smtp_url: str = ""
    sms_url: str = ""
    duty_contact: Annotated[tuple[str, ...], NoDecode] = ()
    mail_from: str = "ne-pas-repondre@nouvelles-solidarites.example"
    base_url: str = ""
    secret_key: SecretStr = SecretStr("")
    consultation: Path = HERE / "consultation" / "nantes-2022.toml"
    now: AwareDatetime | None = None
    rate_limits: Literal["on", "off"] = "on"
    slow_above: int = Field(default=600, ge=0)
    page_cache: Literal["on", "off"] = "on"
    metrics_token: SecretStr = SecretStr("")
    log_format: Literal["auto", "json", "console"] = "auto"
    trusted_proxies: Annotated[tuple[str, ...], NoDecode] = ()
    threads: int = Field(default=4, ge=1, le=64)
    captions_model: Path | None = None
    names_model: Path | None = None
    audit_dir: Path | None = None
    map_tiles: str = MAP
    map_credit: str = "© IGN, Plan IGN"

    @field_validator("trusted_proxies", "duty_contact", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @field_validator("duty_contact")
    @classmethod
    def _reachable(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        plain = tuple(re.sub(r"[\s().-]", "", one) if one.startswith("+") else one for one in value)
        if not all(re.fullmatch(r"[^@\s]+@[^@\s]+|\+[0-9]{6,15}", one) for one in plain):
            raise ValueError("write e-mail addresses, or numbers such as +33612345678, with commas between")
        return plain

    @field_validator("trusted_proxies")
    @classmethod
    def _addresses(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        try:
            for one in value:
                ipaddress.ip_network(one)
        except ValueError:
            raise ValueError(
                "write addresses or networks, such as 10.0.0.2, 10.1.0.0/24, with commas between"
            ) from None
        return value

    @field_validator("mail_from")
    @classmethod
    def _sender(cls, value: str) -> str:
        if not re.fullmatch(r"[^@\s]+@[^@\s]+", parseaddr(value)[1]):
            raise ValueError("write the sender's address, such as dialogue@ville.example")
        return value

    @field_validator("database_url")
    @classmethod
    def _known_database(cls, value: str) -> str:
        if value and not re.match(r"(postgres|postgresql|postgresql\+psycopg)://[^/]|sqlite:///.", value):
            raise ValueError("write postgresql://user:password@host/name, or leave it out for SQLite")
        return value

    @field_validator("media_url")
    @classmethod
    def _known_store(cls, value: str) -> str:
        if value and urlsplit(value).scheme not in {"file", "s3"}:
            raise ValueError("write file:///folder or s3://bucket/prefix")
        return value

    @field_validator("map_tiles")
    @classmethod
    def _tiles(cls, value: str) -> str:
        plain = value == "off" or (
            urlsplit(value).scheme in {"http", "https"} and re.fullmatch(r"[\w.:-]+", urlsplit(value).netloc)
        )
        if not plain or (value != "off" and not all(part in value for part in ("{z}", "{x}", "{y}"))):
            raise ValueError("write an address with {z}, {x} and {y}, or off")
        return "" if value == "off" else value

    @field_validator("base_url")
    @classmethod
    def _absolute(cls, value: str) -> str:
        if value and not re.fullmatch(r"https?://[\w.-]+(:\d{1,5})?(/[\w./~-]*)?|http://\[::1\](:\d{1,5})?/?", value):
            raise ValueError("write the full public address, such as https://dialogue.example")
        return value.rstrip("/")

    @cached_property
    def database(self) -> str:
        """SQLAlchemy URL; PostgreSQL always goes through psycopg 3."""
        if not self.database_url:
            return f"sqlite:///{self.data_dir.resolve() / 'dialogue.sqlite'}"
        for plain in ("postgres://", "postgresql://"):
            if self.database_url.startswith(plain):
                return "postgresql+psycopg://" + self.database_url.removeprefix(plain)
        return self.database_url

    @property
    def is_sqlite(self) -> bool:
        return self.database.startswith("sqlite")

    @cached_property
    def media(self) -> str:
        return self.media_url or (self.data_dir.resolve() / "media").as_uri()

    @property
    def embedded(self) -> bool:
        """True for the one-machine default: nothing configured that others could reach."""
        return not self.database_url and (not self.base_url or self.base_is_loopback)

    @property
    def base_is_loopback(self) -> bool:
        return not self.base_url or urlsplit(self.base_url).hostname in LOOPBACK

    @property
    def map_origin(self) -> str:
        """Where the map's pictures come from; "" without a map."""
        parts = urlsplit(self.map_tiles)
        return f"{parts.scheme}://{parts.netloc}" if self.map_tiles else ""

    @property
    def https(self) -> bool:
        return self.base_url.startswith("https://")

    @property
    def path_prefix(self) -> str:
        """The path under which a host site serves us ("" or "/solidarites")."""
        return urlsplit(self.base_url).path

    @cached_property
    def key(self) -> str:
        """The instance key; made once in the data folder on the embedded default."""
        if given := self.secret_key.get_secret_value():
            return given
        self.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        kept = self.data_dir / "secret.key"
        if not kept.exists():
            fresh = self.data_dir / f".secret.{secrets.token_hex(4)}"
            fresh.touch(mode=0o600)
            fresh.write_text(secrets.token_urlsafe(48))
            try:
                kept.hardlink_to(fresh)  # fails where another process was first: its key stands
            except FileExistsError:
                pass
            finally:
                fresh.unlink()
        return kept.read_text().strip()

    def refusals(self) -> list[str]:
        """What forbids to serve with these settings, in words."""
        found = []
        if not self.embedded and not self.secret_key.get_secret_value():
            found.append("DIALOGUE_SECRET_KEY is missing: put 40 or more random characters there, and keep a copy.")
        if not self.embedded and not self.base_url:
            found.append(
                "DIALOGUE_BASE_URL is missing: put the public address there, such as https://dialogue.example."
            )
        if self.secret_key.get_secret_value() and len(self.secret_key.get_secret_value()) < 32:
            found.append("DIALOGUE_SECRET_KEY is too short: 32 characters or more.")
        if self.rate_limits == "off" and not self.base_is_loopback:
            found.append("DIALOGUE_RATE_LIMITS=off is for load tests on this machine only: remove it.")
        if self.media_links == "on" and not self.media_url.startswith("s3:"):
            found.append("DIALOGUE_MEDIA_LINKS=on needs an S3 store: set DIALOGUE_MEDIA_URL=s3://…, or remove it.")
        return found


def read_settings(**overrides: object) -> Settings:
    """Settings from the environment, or SystemExit with one plain line per bad value."""
    try:
        return Settings(**overrides)  # type: ignore[arg-type]
    except ValidationError as error:
        lines = [
            f"DIALOGUE_{str(problem['loc'][0]).upper()}: {problem['msg'].removeprefix('Value error, ')}"
            + ("" if problem["loc"][0] in SECRET else f" (got {problem['input']!r})")
            for problem in error.errors()
        ]
        sys.exit("The settings cannot be used:\n  " + "\n  ".join(lines))
