"""The power's parts, made of the settings."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from backend.power.prices import price_list, prices_of_types
from backend.power.providers.none import NoProvider
from backend.power.providers.protocol import Provider
from backend.power.situation import PolicySettings, Prices
from backend.settings import Settings

MICRO = 1_000_000.0
# The second process on this computer is no GPU: the plan's figures for a T4 and a t3.large are
# reckoned with in its place, or nothing would ever be worth waking it.
PLAYED_VOICE_S = (45.0, 3.0)


@dataclass(frozen=True)
class Power:
    """What the settings say of the GPU lane.

    assumed_voice_s: seconds of a voice on the CPU and on the GPU lane, in place of measured ones
    prices:          of the usual machine: what a start is reckoned with
    type_prices:     of each type that may be started in its place, in order of preference
    intent_s:        for how long a sign of an open editor, which comes every 30 s, is believed
    """

    provider_name: str
    policy: PolicySettings
    prices: Prices
    assumed_voice_s: tuple[float, float] | None = None
    intent_s: float = 75.0
    type_prices: Mapping[str, Prices] = field(default_factory=dict)

    def prices_of(self, kind: str | None) -> Prices:
        """Return what a machine of that type costs."""
        return self.type_prices.get(kind or "", self.prices)

    @property
    def has_gpu(self) -> bool:
        """Whether there may be a GPU lane at all."""
        return self.provider_name != "none"


def power_of(settings: Settings) -> Power:
    """Return what the settings say."""
    listed = price_list().ec2[settings.power_market]
    return Power(
        provider_name=settings.power_provider,
        policy=policy_settings(settings),
        prices=listed.prices(),
        type_prices=prices_of_types(settings.power_ec2_types, listed),
        assumed_voice_s=PLAYED_VOICE_S if settings.power_provider == "process" else None,
        intent_s=settings.power_intent_s,
    )


def policy_settings(settings: Settings) -> PolicySettings:
    """Return the rule and its limits."""
    budget, hours = settings.power_month_budget_usd, settings.power_day_hours
    return PolicySettings(
        name=settings.power_policy,
        waiting_usd_micro_hour=settings.power_waiting_usd_hour * MICRO,
        bulk_usd_micro_hour=settings.power_bulk_usd_hour * MICRO,
        idle_s=settings.power_idle_s,
        threshold_jobs=settings.power_threshold_jobs,
        threshold_wait_s=settings.power_threshold_wait_s,
        office_from_h=settings.power_office_from_h,
        office_until_h=settings.power_office_until_h,
        office_zone=settings.power_office_zone,
        month_budget_usd_micro=None if budget is None else budget * MICRO,
        day_limit_s=None if hours is None else hours * 3600.0,
        hard_limit_s=settings.power_hard_limit_s,
        start_limit_s=settings.power_start_limit_s,
    )


def create_provider(settings: Settings) -> Provider:
    """Return the provider that the settings name."""
    if settings.power_provider == "process":
        return create_process_provider(settings)
    if settings.power_provider == "ec2":
        # Imported where it is used: boto3 takes a second.
        from backend.power.providers.ec2 import Ec2Provider, create_ec2_client  # noqa: PLC0415

        client = create_ec2_client(settings.power_ec2_region, settings.power_ec2_endpoint)
        name, _, value = settings.power_ec2_tag.partition("=")
        types = list(power_of(settings).type_prices)
        return Ec2Provider(client, (name, value), settings.speech_port, types)
    return NoProvider()


def create_process_provider(settings: Settings) -> Provider:
    """Return the provider that plays the GPU machine with a process of this computer."""
    from backend.power.providers.process import ProcessProvider  # noqa: PLC0415

    # The service says of itself what it is; it shares profiles and token with the CPU lane's.
    environment = dict(os.environ) | {
        "DATA_DIR": str(settings.data_dir),
        "SHARED_ROOT": str(settings.shared_folder),
        "SPEECH_TOKEN": settings.speech_bearer,
        "PYTHONUNBUFFERED": "1",
    }
    return ProcessProvider(
        Path(settings.data_dir) / "run" / "gpu",
        settings.power_process_port,
        environment,
        boot_delay_s=settings.power_process_boot_s,
        watchdog_s=settings.power_watchdog_s,
    )
