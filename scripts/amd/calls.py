"""Rows of call features with what is known of their calls; folds by source."""

import csv
import re
from pathlib import Path

import numpy as np

NAMES = re.findall(r'^    (\w+) "', Path(__file__).parent.joinpath("../../src/amd/features.rs").read_text()
                   .split("features! {")[1].split("}")[0], re.M)
AT = {name: n for n, name in enumerate(NAMES)}
# Families of voices that are people's own; the others are studios' and engines'.
PEOPLE = ("wwb", "commands", "precise", "fsdd")
KINDS = ["human", "machine", "announcement", "screener", "music"]
# Voices that are one person's, or one engine's, never stand on both sides.
GROUPS = {
    "ast-en": "allison", "ast-en-extra": "allison", "ast-es": "allison", "ast-it": "allison",
    "ast-fr": "june", "ast-ru": "maxim", "espeak-ng": "synthetic", "espeak": "synthetic",
    "flite": "synthetic",
}
LABELS = {
    "human": "human", "voicemail": "machine", "machine": "machine", "ivr": "announcement",
    "announcement": "announcement", "screening": "screener", "screener": "screener", "music": "music",
}


def group(source):
    family = source.split(":")[0]
    return GROUPS.get(family, family)


class Calls:
    """Every call of a manifest with its rows (one each 100 ms)."""

    def __init__(self, manifest, rows):
        data = np.fromfile(rows, np.float32).reshape(-1, len(NAMES) + 2)
        with open(manifest) as file:
            self.info = list(csv.DictReader(file))
        self.call = data[:, 0].astype(int)
        self.rows = data[:, 2:]
        self.kind = np.array([self._kind(info) for info in self.info])
        self.family = np.array([info["source"].split(":")[0] for info in self.info])
        self.group = np.array([group(info["source"]) for info in self.info])
        self.starts = np.searchsorted(self.call, np.arange(len(self.info) + 1))

    def _kind(self, info):
        sub = info.get("sub") or info["label"]
        label = sub if sub in ("voicemail", "announcement", "screener") else info["label"]
        return KINDS.index(LABELS[label]) if label in LABELS else -1

    def of(self, call):
        return slice(self.starts[call], self.starts[call + 1])
