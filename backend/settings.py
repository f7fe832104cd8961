"""Every variable of the backend, its unit and its reason. Built once, by whoever starts it."""

import os
import re
import secrets
from functools import cached_property
from ipaddress import ip_address
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from backend.mail.addresses import AddressInvalid, checked_address
from backend.power.prices import price_list, prices_of_types

_ORIGIN = re.compile(r"https?://[A-Za-z0-9.-]+(:\d{1,5})?|https?://\[[0-9a-fA-F:]+\](:\d{1,5})?")
PLACEHOLDERS = {"", "changeme", "change-me", "secret", "placeholder"}


class Settings(BaseSettings):
    """The backend's and the worker's settings, read from the environment."""

    model_config = SettingsConfigDict(
        env_file=None, env_ignore_empty=True, frozen=True, extra="ignore"
    )

    environment: Literal["development", "production"] = "development"
    public_url: str = "http://localhost:55434"
    backend_host: str = "127.0.0.1"
    # Addresses or networks, by commas, whose X-Forwarded-For is believed: tries are limited by the
    # client's address.
    trusted_proxies: str = "127.0.0.1,::1"
    backend_port: int = Field(55433, ge=0, le=65535)
    # A second core is used by a second process.
    backend_processes: int = Field(1, ge=1, le=16)
    frontend_port: int = Field(55434, ge=0, le=65535)
    speech_port: int = Field(8001, ge=0, le=65535)
    data_dir: Path = Path("data")
    shared_root: Path | None = None
    themes_dir: Path | None = None
    database_url: str | None = None
    jobs_database_url: str | None = None
    speech_url: str | None = None
    speech_token: SecretStr | None = None
    signing_key: SecretStr | None = None
    owner_token: SecretStr | None = None
    open_signup: bool = False
    worker_slot: str = Field("0", pattern=r"^[A-Za-z0-9_.-]{1,40}$")
    frontend_dist: Path = Path("frontend/dist")
    caption_font: Path | None = None
    speech_timeout_s: float = Field(30.0, gt=0)  # and 0.2 s for each character on top
    speech_patience_s: float = Field(600.0, gt=0)
    upload_lifetime_s: int = Field(24 * 3600, gt=0)
    upload_quota_bytes: int = Field(20_000_000_000, gt=0)
    # Origins, by commas, whose pages may call the API with a key; a cookie of ours goes with none.
    cors_origins: str = ""
    api_key_minute_limit: int = Field(600, ge=1)
    # Plain http and addresses of one's own networks, for development: whoever may make a webhook
    # could otherwise have the server ask what only the server can reach.
    webhook_allow_private: bool = False
    webhook_log_days: int = Field(30, ge=1)
    session_lifetime_s: int = Field(30 * 24 * 3600, gt=0)
    app_hours: Literal["always", "weekday"] = "always"
    skip_holidays: bool = False

    mail_transport: Literal["none", "smtp", "ses"] = "none"
    smtp_host: str | None = None
    smtp_port: int = Field(587, ge=1, le=65535)
    smtp_security: Literal["none", "starttls", "tls"] = "starttls"
    smtp_user: str | None = None
    smtp_password: SecretStr | None = None
    mail_from: str | None = None
    mail_ses_region: str = "ap-northeast-1"
    mail_ses_endpoint: str | None = None
    mail_day_limit: int = Field(200, ge=1)

    storage_bucket: str = ""
    storage_prefix: str = Field("", pattern=r"^([A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)*)?$")

    power_provider: Literal["none", "process", "ec2"] = "none"
    power_policy: Literal[
        "on_intent", "threshold", "office_hours", "always_on", "cpu_only", "plan"
    ] = "on_intent"
    power_market: Literal["on_demand", "spot"] = "on_demand"
    power_round_s: float = Field(5.0, gt=0, le=60)
    power_waiting_usd_hour: float = Field(5.0, ge=0)
    power_bulk_usd_hour: float = Field(0.05, ge=0)
    power_idle_s: float = Field(300.0, ge=0)
    power_intent_s: float = Field(75.0, gt=0)
    power_threshold_jobs: int = Field(3, ge=1)
    power_threshold_wait_s: float = Field(60.0, ge=0)
    power_office_from_h: int = Field(9, ge=0, le=24)
    power_office_until_h: int = Field(19, ge=0, le=24)
    power_office_zone: str = "Asia/Tokyo"
    power_month_budget_usd: float | None = Field(None, ge=0)
    power_day_hours: float | None = Field(None, ge=0, le=24)
    power_hard_limit_s: float = Field(4 * 3600.0, gt=0)
    power_start_limit_s: float = Field(600.0, gt=0)
    power_watchdog_s: float = Field(900.0, gt=0)
    power_process_port: int = Field(8002, ge=0, le=65535)
    power_process_boot_s: float = Field(30.0, ge=0)
    power_ec2_region: str = "ap-northeast-1"
    power_ec2_tag: str = Field("Role=openvoice-gpu", pattern=r"^[^=]+=.+$")
    power_ec2_app_tag: str = Field("", pattern=r"^([^=]+=.+)?$")
    power_ec2_types: str = ""
    power_ec2_endpoint: str | None = None

    @field_validator("cors_origins")
    @classmethod
    def _know_the_origins(cls, origins: str) -> str:
        for origin in _by_commas(origins):
            if origin != "*" and not _ORIGIN.fullmatch(origin):
                raise ValueError(f"{origin} is no origin: write it like https://app.example.com")
        return origins

    @field_validator("power_office_zone")
    @classmethod
    def _know_the_zone(cls, zone: str) -> str:
        try:
            ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError):
            raise ValueError("is no time zone: write it like Asia/Tokyo") from None
        return zone

    @field_validator("power_ec2_types")
    @classmethod
    def _know_the_prices(cls, types: str) -> str:
        prices_of_types(types, price_list().ec2["on_demand"])
        return types

    @field_validator("mail_from")
    @classmethod
    def _know_the_address(cls, address: str | None) -> str | None:
        try:
            return checked_address(address) if address is not None else None
        except AddressInvalid:
            raise ValueError("is no mail address: write it like post@example.com") from None

    @model_validator(mode="after")
    def _require_all_of_mail(self) -> "Settings":
        if self.mail_transport != "none" and self.mail_from is None:
            raise ValueError("MAIL_FROM is missing: the address from which mails are sent.")
        if self.mail_transport != "smtp":
            return self
        if self.smtp_host is None:
            raise ValueError("SMTP_HOST is missing: the mail server that takes the mails.")
        if self.smtp_user and self.smtp_security == "none" and not is_loopback_host(self.smtp_host):
            raise ValueError("SMTP_SECURITY is none: the password would cross the net in clear.")
        return self

    @model_validator(mode="after")
    def _refuse_placeholders(self) -> "Settings":
        given = {"SPEECH_TOKEN": self.speech_token, "SIGNING_KEY": self.signing_key}
        for name, secret in given.items():
            weak = secret is not None and secret.get_secret_value().lower() in PLACEHOLDERS
            if weak and self.environment == "production":
                raise ValueError(f"{name} is a placeholder: give it a random value of its own.")
        return self

    @property
    def database(self) -> str:
        """SQLAlchemy URL of the app's own tables."""
        return self.database_url or f"sqlite:///{(self.data_dir / 'app.db').absolute()}"

    @property
    def jobs_database(self) -> str:
        """SQLAlchemy URL of the job engine's tables; never the app's own SQLite file."""
        return self.jobs_database_url or f"sqlite:///{(self.data_dir / 'jobs.db').absolute()}"

    @property
    def speech_address(self) -> str:
        """Base URL of the speech service."""
        return self.speech_url or f"http://127.0.0.1:{self.speech_port}"

    @property
    def owner_token_file(self) -> Path:
        """Where the token of the first account waits for the operator."""
        return self.data_dir / "secrets" / "owner_token"

    @property
    def shared_folder(self) -> Path:
        """Voice profiles and generated speech: EFS in the cloud, a folder on a laptop."""
        return self.shared_root or self.data_dir / "shared"

    @property
    def storage_root(self) -> Path:
        """Uploads and finished videos."""
        return self.data_dir / "storage"

    @property
    def allowed_origins(self) -> list[str]:
        """Origins whose pages may call the API with a key."""
        return _by_commas(self.cors_origins)

    @property
    def is_https(self) -> bool:
        """Whether people reach the app over TLS: then cookies are `__Host-` and Secure."""
        return self.public_url.startswith("https://")

    @property
    def is_loopback(self) -> bool:
        """Whether links work on this computer only."""
        return is_loopback_host(urlsplit(self.public_url).hostname or "")

    @cached_property
    def speech_bearer(self) -> str:
        """The token that the speech service expects."""
        return _secret(self.speech_token, self.data_dir / "secrets" / "speech_token")

    @cached_property
    def signing_secret(self) -> bytes:
        """Key of share tokens and upload addresses."""
        return _secret(self.signing_key, self.data_dir / "secrets" / "signing_key").encode()


def _by_commas(values: str) -> list[str]:
    return [value.strip() for value in values.split(",") if value.strip()]


def is_loopback_host(host: str) -> bool:
    """Return whether `host`, a name or an address, is this computer itself."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _secret(given: SecretStr | None, path: Path) -> str:
    return given.get_secret_value() if given is not None else read_or_create_secret(path)


def read_or_create_secret(path: Path) -> str:
    """Return the secret in `path`; whoever comes first writes it, readable by its owner only.

    Written whole under another name and linked into place: two processes that start at once
    agree on one value, and none reads half of it.
    """
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_urlsafe(32))
        try:
            path.hardlink_to(draft)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text().strip()
