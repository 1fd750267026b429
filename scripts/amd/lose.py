"""Copies of calls from which packets are missing, concealed as src/rtp/playout.rs conceals them.

    lose.py CALLS OUT_DIR SEED

Of each call 1 to 3 % of the frames of 20 ms are lost. Writes the WAV files and the manifest to OUT_DIR.
"""

import csv
import shutil
import sys
from pathlib import Path

import numpy as np
import soundfile

FRAME = 160
# After so many frames in a row there is silence.
CONCEALED_MAX = 3


def lose(rng, samples):
    """Each missing frame is the last one that came, half as loud for every one that is missing."""
    samples, missing = samples.copy(), 0
    lost = rng.random(len(samples) // FRAME) < rng.uniform(0.01, 0.03)
    for frame in range(1, len(lost)):
        missing = missing + 1 if lost[frame] else 0
        if missing:
            before = samples[(frame - 1) * FRAME : frame * FRAME]
            samples[frame * FRAME : (frame + 1) * FRAME] = before // 2 if missing <= CONCEALED_MAX else 0
    return samples


def main(calls, out, seed):
    rng, calls, out = np.random.default_rng(int(seed)), Path(calls), Path(out)
    out.mkdir(parents=True, exist_ok=True)
    shutil.copy(calls / "manifest.csv", out)
    with open(calls / "manifest.csv") as file:
        for row in csv.DictReader(file):
            samples, rate = soundfile.read(calls / row["file"], dtype="int16")
            soundfile.write(out / row["file"], lose(rng, samples), rate, subtype="PCM_16")


if __name__ == "__main__":
    main(*sys.argv[1:])
