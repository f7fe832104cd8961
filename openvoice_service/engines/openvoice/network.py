"""The converter's four networks; attribute names are the published checkpoint's.

Weight normalisation (Salimans & Kingma 2016) exists for training: checkpoint.py folds it into
plain weights, so that no layer computes its own weights again at every call.

Shapes: B sentences, T latent frames of 256 samples at 22,050 Hz, as rows: (B, channels, 1, T).
Sentences of one batch are equally long, so there are no masks.
"""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from openvoice_service.engines.openvoice.config import ConverterConfig, NetworkConfig
from openvoice_service.engines.openvoice.layers import Conv, UpConv, as_rows, as_sequence

_LEAK = 0.1
_FINAL_LEAK = 0.01  # HiFi-GAN's reference leaves the last one at torch's default
_ENCODER_LAYERS = 16
_FLOW_LAYERS = 4
_FLOWS = 4
_WAVENET_KERNEL = 5
_REFERENCE_CHANNELS = (1, 32, 32, 64, 64, 128, 128)
_REFERENCE_STATE = 128


class WaveNet(nn.Module):
    """Gated convolutions with residual and skip connections (van den Oord et al. 2016).

    No dilation, as in VITS' posterior encoder and coupling layers (Kim et al. 2021).
    """

    def __init__(self, channels: int, layers: int, speaker_channels: int) -> None:
        super().__init__()
        self.channels = channels
        self.cond_layer = Conv(speaker_channels, 2 * channels * layers, 1)
        self.in_layers = nn.ModuleList(
            Conv(channels, 2 * channels, _WAVENET_KERNEL) for _ in range(layers)
        )
        # The last layer hands nothing on: it only adds to the sum.
        self.res_skip_layers = nn.ModuleList(
            Conv(channels, channels if last else 2 * channels, 1)
            for last in [*[False] * (layers - 1), True]
        )

    def forward(self, x: Tensor, speaker: Tensor) -> Tensor:
        """Return the sum of all skips, shaped as `x` (B, channels, 1, T), of (B, speaker, 1, 1)."""
        conditions = self.cond_layer(speaker).chunk(len(self.in_layers), dim=1)
        total = torch.zeros_like(x)
        layers = zip(self.in_layers, self.res_skip_layers, conditions, strict=True)
        for in_layer, res_skip_layer, condition in layers:
            turned, gate = (in_layer(x) + condition).chunk(2, dim=1)
            out = res_skip_layer(torch.tanh(turned) * torch.sigmoid(gate))
            if out.shape[1] > self.channels:
                residual, out = out.chunk(2, dim=1)
                x = x + residual
            total = total + out
        return total


class PosteriorEncoder(nn.Module):
    """Spectrogram to the mean and log spread of its latents (VITS, section 2.1)."""

    def __init__(self, bins: int, config: NetworkConfig) -> None:
        super().__init__()
        hidden = config.hidden_channels
        self.pre = Conv(bins, hidden, 1)
        self.enc = WaveNet(hidden, _ENCODER_LAYERS, config.gin_channels)
        self.proj = Conv(hidden, 2 * config.inter_channels, 1)

    def forward(self, spectrogram: Tensor, speaker: Tensor) -> tuple[Tensor, Tensor]:
        """Return (mean, log spread), both (B, latents, 1, T), of (B, bins, T)."""
        mean, log_spread = self.proj(self.enc(self.pre(spectrogram), speaker)).chunk(2, dim=1)
        return mean, log_spread


class ResidualCoupling(nn.Module):
    """Half of the latents shifts the other half: invertible (Dinh et al. 2017; mean only)."""

    def __init__(self, config: NetworkConfig) -> None:
        super().__init__()
        half = config.inter_channels // 2
        self.pre = Conv(half, config.hidden_channels, 1)
        self.enc = WaveNet(config.hidden_channels, _FLOW_LAYERS, config.gin_channels)
        self.post = Conv(config.hidden_channels, half, 1)

    def forward(self, x: Tensor, speaker: Tensor, sign: float) -> Tensor:
        """Return (B, latents, 1, T) with the second half moved, forth (+1) or back (-1)."""
        kept, moved = x.chunk(2, dim=1)
        shift = self.post(self.enc(self.pre(kept), speaker))
        return torch.cat([kept, moved + sign * shift], dim=1)


class Flip(nn.Module):
    """Reverse the latents' order, so that the next coupling moves the other half."""

    def forward(self, x: Tensor) -> Tensor:
        """Return (B, latents, 1, T) upside down."""
        return x.flip(1)


class Flow(nn.Module):
    """What takes a speaker out of latents, and puts one in: the only part that hears a speaker."""

    def __init__(self, config: NetworkConfig) -> None:
        super().__init__()
        # Flips hold no parameters but stand in the list: the checkpoint counts them.
        self.flows = nn.ModuleList(
            layer for _ in range(_FLOWS) for layer in (ResidualCoupling(config), Flip())
        )

    def forward(self, latents: Tensor, speaker: Tensor) -> Tensor:
        """Take `speaker` (B, speaker, 1, 1) out of (B, latents, 1, T)."""
        for layer in self.flows:
            latents = layer(latents) if isinstance(layer, Flip) else layer(latents, speaker, 1.0)
        return latents

    def inverse(self, latents: Tensor, speaker: Tensor) -> Tensor:
        """Put `speaker` (B, speaker, 1, 1) into (B, latents, 1, T)."""
        for layer in reversed(self.flows):
            latents = layer(latents) if isinstance(layer, Flip) else layer(latents, speaker, -1.0)
        return latents


class ResidualBlock(nn.Module):
    """Three pairs of a dilated and a plain convolution (HiFi-GAN's block 1, Kong et al. 2020)."""

    def __init__(self, channels: int, kernel: int, dilations: tuple[int, ...]) -> None:
        super().__init__()
        self.convs1 = nn.ModuleList(Conv(channels, channels, kernel, step) for step in dilations)
        self.convs2 = nn.ModuleList(Conv(channels, channels, kernel) for _ in dilations)

    def forward(self, x: Tensor) -> Tensor:
        """Return (B, channels, 1, samples), refined, in float32."""
        for dilated, plain in zip(self.convs1, self.convs2, strict=True):
            out = F.leaky_relu_(dilated(F.leaky_relu(x, _LEAK)), _LEAK)
            x = x + plain(out)
        return x


class Generator(nn.Module):
    """Latents to sound: HiFi-GAN's generator (Kong et al. 2020), 256 samples a frame."""

    def __init__(self, config: NetworkConfig) -> None:
        super().__init__()
        first = config.upsample_initial_channel
        widths = [first >> level for level in range(len(config.upsample_rates) + 1)]
        self.conv_pre = Conv(config.inter_channels, first, 7)
        self.cond = Conv(config.gin_channels, first, 1)
        rates = zip(config.upsample_rates, config.upsample_kernel_sizes, strict=True)
        self.ups = nn.ModuleList(
            UpConv(wide, narrow, kernel, rate)
            for (wide, narrow), (rate, kernel) in zip(pairwise(widths), rates, strict=True)
        )
        blocks = list(
            zip(config.resblock_kernel_sizes, config.resblock_dilation_sizes, strict=True)
        )
        self.resblocks = nn.ModuleList(
            ResidualBlock(width, kernel, dilations)
            for width in widths[1:]
            for kernel, dilations in blocks
        )
        self.conv_post = Conv(widths[-1], 1, 7, bias=False)

    def forward(self, latents: Tensor, speaker: Tensor) -> Tensor:
        """Return samples (B, 1, 1, 256 T) of (B, latents, 1, T)."""
        x = self.conv_pre(latents) + self.cond(speaker)
        blocks = len(self.resblocks) // len(self.ups)
        for level, up in enumerate(self.ups):
            x = up(F.leaky_relu_(x, _LEAK)).float()
            total = self.resblocks[level * blocks](x)
            for block in self.resblocks[level * blocks + 1 : (level + 1) * blocks]:
                total = total.add_(block(x))
            x = total.div_(blocks)
        return torch.tanh(self.conv_post(F.leaky_relu_(x, _FINAL_LEAK)).float())


class ReferenceEncoder(nn.Module):
    """A spectrogram's tone colour: strided convolutions and a GRU (Skerry-Ryan et al. 2018)."""

    def __init__(self, bins: int, config: NetworkConfig) -> None:
        super().__init__()
        self.layernorm = nn.LayerNorm(bins)
        self.convs = nn.ModuleList(
            nn.Conv2d(wide, narrow, 3, stride=2, padding=1)
            for wide, narrow in pairwise(_REFERENCE_CHANNELS)
        )
        for _ in self.convs:
            bins = (bins + 1) // 2
        self.gru = nn.GRU(_REFERENCE_CHANNELS[-1] * bins, _REFERENCE_STATE, batch_first=True)
        self.proj = nn.Linear(_REFERENCE_STATE, config.gin_channels)

    def forward(self, spectrogram: Tensor) -> Tensor:
        """Return (B, speaker) of (B, bins, T)."""
        x = self.layernorm(spectrogram.transpose(1, 2)).unsqueeze(1)
        for conv in self.convs:
            x = F.relu(conv(x))
        _, state = self.gru(x.transpose(1, 2).flatten(2))
        out: Tensor = self.proj(state[0])
        return out


class Converter(nn.Module):
    """All four. Neither encoder nor generator hears who speaks (`zero_g`): only the flow does.

    So what `encode` gives can be kept and spoken by anybody, and one batch may mix speakers.
    """

    def __init__(self, config: ConverterConfig) -> None:
        super().__init__()
        bins = config.data.bins
        self.enc_q = PosteriorEncoder(bins, config.model)
        self.flow = Flow(config.model)
        self.dec = Generator(config.model)
        self.ref_enc = ReferenceEncoder(bins, config.model)

    def embed(self, spectrogram: Tensor) -> Tensor:
        """Return the tone colour embedding (B, speaker) of a spectrogram (B, bins, T)."""
        out: Tensor = self.ref_enc(spectrogram)
        return out

    def encode(self, spectrogram: Tensor, source: Tensor, tau: float = 0.0) -> Tensor:
        """Return speakerless latents (B, latents, T) of a spectrogram (B, bins, T).

        source: who is heard in it, (B, speaker)
        tau:    factor of the posterior's noise; 0 is deterministic
        """
        mean, log_spread = self.enc_q(as_rows(spectrogram), _row(torch.zeros_like(source)))
        if tau > 0.0:
            mean = mean + torch.randn_like(mean) * tau * log_spread.exp()
        return as_sequence(self.flow(mean, _row(source)))

    def colour(self, latents: Tensor, target: Tensor) -> Tensor:
        """Return latents (B, latents, T) as `target` (B, speaker) would have spoken them."""
        return as_sequence(self.flow.inverse(as_rows(latents), _row(target)))

    def decode(self, latents: Tensor) -> Tensor:
        """Return samples (B, 256 T) in float32 of latents (B, latents, T)."""
        nobody = latents.new_zeros(len(latents), self.dec.cond.in_channels)
        out: Tensor = self.dec(as_rows(latents), _row(nobody))
        return out.flatten(1)


def _row(speaker: Tensor) -> Tensor:
    return speaker[:, :, None, None]
