"""Every variable of the speech service, its unit and its reason."""

import os
import secrets
from functools import cached_property
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

PLACEHOLDERS = {"", "changeme", "change-me", "secret", "placeholder"}


class SpeechSettings(BaseSettings):
    """The speech service's settings, read from the environment."""

    model_config = SettingsConfigDict(
        env_file=None, env_ignore_empty=True, frozen=True, extra="ignore"
    )

    environment: Literal["development", "production"] = "development"
    speech_host: str = "127.0.0.1"
    speech_port: int = Field(8001, ge=0, le=65535)
    data_dir: Path = Path("data")
    shared_root: Path | None = None
    speech_token: SecretStr | None = None
    speech_print_token: bool = False
    speech_engine: Literal["auto", "world", "openvoice", "openvoice_upstream"] = "auto"
    speech_device: Literal["auto", "cpu", "cuda", "mps"] = "auto"
    speech_precision: Literal["auto", "fp32", "bf16", "fp16"] = "auto"
    models_dir: Path | None = None
    speech_allow_unverified: bool = False
    speech_neural_base: bool = True
    # A VOICEVOX engine: its characters read Japanese too. Empty is none.
    voicevox_url: str = Field("", pattern=r"^(https?://[^\s/?#@]+(/[^\s?#]*)?)?$")
    # Requests at work or waiting; beyond it a client is told when to come again.
    speech_queue: int = Field(16, ge=1, le=1_000)
    # Seconds without work until the engine gives its memory back; 0 keeps it.
    speech_idle_unload_s: float = Field(0.0, ge=0.0)
    # Where a spot machine asks when it is to be taken back (http://169.254.169.254 on EC2).
    spot_metadata_url: str = ""
    speech_cache_bytes: int = Field(2 * 1024**3, gt=0)

    @model_validator(mode="after")
    def _refuse_placeholders(self) -> "SpeechSettings":
        token = self.speech_token
        weak = token is not None and token.get_secret_value().lower() in PLACEHOLDERS
        if weak and self.environment == "production":
            raise ValueError("SPEECH_TOKEN is a placeholder: give it a random value of its own.")
        return self

    @property
    def shared_folder(self) -> Path:
        """Profiles, base tones and generated speech: EFS in the cloud, a folder on a laptop."""
        return self.shared_root or self.data_dir / "shared"

    @property
    def models_folder(self) -> Path:
        """Downloaded weights, shared by all lanes like the profiles."""
        return self.models_dir or self.shared_folder / "models"

    @cached_property
    def bearer(self) -> str:
        """The token that callers must send; made at the first start where none is given."""
        if self.speech_token is not None:
            return self.speech_token.get_secret_value()
        return _read_or_create(self.data_dir / "secrets" / "speech_token")


def _read_or_create(path: Path) -> str:
    """Return the secret in `path`; linked into place whole, so that two starts agree on one."""
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
