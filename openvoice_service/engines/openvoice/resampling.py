"""Sound to the network's rate, on the machine that is quickest at it."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from openvoice_service.audio import Waveform, resample

# torchaudio's "kaiser best" (its resampling tutorial): as clean as soxr's high quality.
_KAISER_BEST = {
    "lowpass_filter_width": 64,
    "rolloff": 0.9475937167399596,
    "resampling_method": "sinc_interp_kaiser",
    "beta": 14.769656459379492,
}


def samples_on_device(audio: Waveform, sample_rate_hz: int, device: str) -> Tensor:
    """Return the samples, shape (1, samples), at `sample_rate_hz` on `device`.

    A GPU resamples a minute in the time the CPU needs for a second of it; torchaudio imports only
    beside a CUDA build of torch, so a CPU asks soxr.
    """
    if device == "cuda" and audio.sample_rate_hz != sample_rate_hz:
        from torchaudio.functional import resample as resample_on_gpu  # noqa: PLC0415

        samples = torch.from_numpy(np.ascontiguousarray(audio.samples)).unsqueeze(0).to(device)
        out: Tensor = resample_on_gpu(samples, audio.sample_rate_hz, sample_rate_hz, **_KAISER_BEST)
        return out
    samples = torch.from_numpy(np.ascontiguousarray(resample(audio, sample_rate_hz).samples))
    return samples.unsqueeze(0).to(device)
