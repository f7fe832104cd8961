"""How the installation and its GPU lane are."""

from backend.examples import known
from backend.examples.shape import Examples
from backend.power.schemas import CostReport, LaneStatus, PowerOrder
from backend.system.routes import Health, SystemStatus

_DECISION = {
    "at": "2026-05-10T01:14:00Z",
    "state": "draining",
    "code": "idle",
    "reason": "it has been idle for long enough",
}

EXAMPLES = Examples(
    of_models={
        LaneStatus: {
            "provider": "ec2",
            "policy": "on_intent",
            "state": "booting",
            "code": "coming",
            "reason": "it is starting",
            "since": "2026-05-10T01:01:00Z",
            "ready_in_s": 65.0,
            "waiting": 1,
            "at_work": 0,
        },
        CostReport: {
            "hour_usd_micro": 710_000,
            "month_usd_micro": 2_840_000,
            "forecast_usd_micro": 8_800_000,
            "saved_usd_micro": 153_000_000,
            "budget_usd_micro": 30_000_000,
            "on_s": 14_400.0,
            "idle_share": 0.34,
            "runs": 9,
            "keep_on_until": None,
            "stay_off_until": None,
            "days": [
                {"day": "2026-05-08", "usd_micro": 1_420_000},
                {"day": "2026-05-10", "usd_micro": 1_420_000},
            ],
            "decisions": [_DECISION],
        },
        PowerOrder: {"action": "start", "minutes": 30},
        Health: {"ok": True},
        SystemStatus: {
            "version": "0.1.0",
            "public_url": known.PUBLIC_URL,
            "is_loopback": False,
            "sends_mail": True,
            "speech": {
                "ready": True,
                "engine": "openvoice",
                "engines": [
                    {
                        "name": "openvoice",
                        "ready": True,
                        "device": "cpu",
                        "reason": None,
                        "default": True,
                    },
                    {
                        "name": "world",
                        "ready": True,
                        "device": "cpu",
                        "reason": None,
                        "default": False,
                    },
                ],
                "neural_base": {"ready": True, "reason": None},
                "warnings": [],
            },
            "sandbox": {"bubblewrap": True, "limits": True, "lacking": []},
            "languages": [
                {"code": "ja", "base_voices": ["open_jtalk:mei_normal"]},
                {"code": "en", "base_voices": ["espeak_ng:en-us"]},
            ],
            "opening_hours": {
                "opens_h": 9,
                "closes_h": 19,
                "zone": "Asia/Tokyo",
                "skips_holidays": True,
            },
        },
    },
)
