"""Collects the voices that training calls are made of: one pickle of 8 kHz clips, trimmed.

    voices.py SOURCES OUT.pickle

SOURCES holds a folder for each family (scripts/amd/README.md says where each comes from and under which
licence). A clip is one utterance of one voice; whether a call made of it is a person or a machine is
decided by compose.py, not here.
"""

import pickle
import re
import sys
from pathlib import Path

import numpy as np
import soundfile
import soxr

RATE = 8_000
# family: (folder, pattern, language)
FAMILIES = {
    "ast-en": ("asterisk-core-sounds-en", "**/*.wav", "en"),
    "ast-es": ("asterisk-core-sounds-es", "**/*.wav", "es"),
    "ast-fr": ("asterisk-core-sounds-fr", "**/*.wav", "fr"),
    "ast-it": ("asterisk-core-sounds-it", "**/*.wav", "it"),
    "ast-ru": ("asterisk-core-sounds-ru", "**/*.wav", "ru"),
    "armelle": ("asterisk-prompt-fr-armelle", "**/*.gsm", "fr"),
    "menardi": ("asterisk-prompt-it-menardi", "**/*.wav", "it"),
    "espeak": ("espeak", "*.wav", "-"),
    "flite": ("flite", "*.wav", "en"),
    "fsdd": ("free-spoken-digit-dataset", "**/*.wav", "en"),
    "precise": ("precise-community-data", "*.wav", "en"),
    "commands": ("speech-to-intent-benchmark", "*clean*.wav", "en"),
    "wwb": ("wake-word-benchmark", "**/*.*", "en"),
}


def read(path):
    try:
        if path.suffix == ".gsm":
            samples, rate = soundfile.read(
                path, dtype="float32", format="RAW", subtype="GSM610", samplerate=8000, channels=1)
        else:
            samples, rate = soundfile.read(path, dtype="float32", always_2d=False)
    except (RuntimeError, TypeError):
        return None
    if samples.ndim > 1:
        samples = samples.mean(axis=1)
    return samples if rate == RATE else soxr.resample(samples, rate, RATE)


def trim(samples):
    """The clip from its first to its last loud frame with 40 ms around, or None where that is nothing."""
    frames = len(samples) // 80
    if frames < 10:
        return None
    level = np.sqrt(np.mean(samples[: frames * 80].reshape(frames, 80) ** 2, axis=1) + 1e-12)
    loud = np.percentile(level, 95)
    floor = np.percentile(level, 10)
    active = np.flatnonzero(level > max(loud * 0.06, min(floor * 2.5, loud * 0.3)))
    if len(active) < 12 or loud < 1e-4:
        return None
    start, end = max(active[0] - 4, 0) * 80, min(active[-1] + 5, frames) * 80
    clip = samples[start:end]
    return (clip / (np.sqrt(np.mean(clip**2)) + 1e-9) * 0.05).astype(np.float32)


def speaker(family, path):
    if family == "fsdd":
        return path.stem.split("_")[1]
    return family if family in ("armelle", "menardi") or family.startswith("ast-") else path.stem


def main(sources, out):
    voices = []
    for family, (folder, pattern, language) in FAMILIES.items():
        paths = sorted(p for p in (Path(sources) / folder).glob(pattern) if p.is_file())
        for path in paths:
            if path.suffix not in (".wav", ".flac", ".gsm"):
                continue
            if re.search(r"beep|tone|silence|noise", path.name):
                continue
            if family == "fsdd" and not path.stem.endswith(("_0", "_7", "_13", "_21", "_40")):
                continue
            samples = read(path)
            clip = None if samples is None else trim(samples)
            if clip is None or len(clip) > 15 * RATE:
                continue
            known = path.stem.split("-")[0] if family == "espeak" else language
            voices.append(dict(family=family, language=known, speaker=speaker(family, path),
                               name=path.stem, clip=clip))
    with open(out, "wb") as file:
        pickle.dump(voices, file)
    for family in FAMILIES:
        lengths = sorted(len(v["clip"]) / RATE for v in voices if v["family"] == family)
        if lengths:
            print(f"{family:10} {len(lengths):5} clips, median {lengths[len(lengths) // 2]:.2f} s")


if __name__ == "__main__":
    main(*sys.argv[1:])
