"""OpenVoice V2's tone colour converter (Qin et al. 2023, arXiv:2312.01479), inference only.

config.py      the sizes, and what of them is supported
network.py     the four networks, with the published checkpoint's parameter names
spectrogram.py what they hear
checkpoint.py  from a file nobody has to trust to a network
decoding.py    sound out of latents, in pieces of bounded memory
precision.py   which number format this machine may compute in
engine.py      all of it behind the `Engine` protocol
"""
