"""Composes calls of the voices: persons, machines, music and nobody, with their truth.

    compose.py VOICES.pickle SOURCES OUT_DIR [COUNT] [SEED]

Every voice answers both as a person and as a machine, so that no voice and no microphone tells the two
apart; what tells them apart is how much is said, with which pauses. Each call then gets its own level,
noise, room, tempo, bandwidth, codec, packet loss and discontinuous transmission.

Writes OUT_DIR/NNNNN.wav (8 kHz PCM), manifest.csv (file, label, sub, family, ...) and truth.npz (for each 20 ms
frame whether a voice speaks).
"""

import csv
import pickle
import re
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import numpy as np
import soundfile
import soxr
from scipy.signal import butter, fftconvolve, sosfilt

from calls import PEOPLE

RATE = 8_000
CODECS = {
    "pcmu": 55, "pcma": 8, "gsm": 14, "opus": 8, "g726": 6, "speex": 4, "g723_1": 5,
}
SCREENERS = r"^(priv-|privacy|screen-|pls-hold-while|call-from|no-recording|status)"
ANNOUNCEMENTS = (r"^(all-circuits|cannot-complete|discon|ss-noservice|vm-nobox|pbx-invalid|queue-|"
                 r"simul-call|no-route|number-not|your-call|conf-|dir-|demo-|invalid|vm-(opts|advopts|"
                 r"options|instructions|login|password|mismatch)|agent-|tt-|followme)")


def main(voices_path, sources, out, count=8_000, seed=1):
    rng = np.random.default_rng(int(seed))
    with open(voices_path, "rb") as file:
        voices = pickle.load(file)
    pools = defaultdict(list)
    for voice in voices:
        pools[voice["family"]].append(voice)
    noises = Noises(rng, pools, Path(sources))
    out = Path(out)
    out.mkdir(parents=True, exist_ok=True)
    rows, truths, by_codec = [], [], defaultdict(list)
    for nth in range(int(count)):
        kind = rng.choice(["human", "machine", "music", "silence"], p=[0.46, 0.46, 0.05, 0.03])
        call = Call(rng, pools, kind)
        samples, truth = finish(rng, call, noises)
        codec = rng.choice(list(CODECS), p=np.array(list(CODECS.values())) / sum(CODECS.values()))
        by_codec[codec].append((nth, samples))
        truths.append(truth)
        rows.append([f"{nth:05}.wav", kind, call.sub, call.family, call.language,
                     f"{call.first_end / RATE:.3f}", codec])
    for codec, calls in by_codec.items():
        for nth, samples in transcode(codec, calls, out):
            samples = lose(rng, samples)
            soundfile.write(out / f"{nth:05}.wav", samples, RATE, subtype="PCM_16")
    with open(out / "manifest.csv", "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["file", "label", "sub", "source", "language", "first_utterance_end_s", "codec"])
        writer.writerows(rows)
    np.savez_compressed(out / "truth.npz", *truths)


class Call:
    """The clean voice of a call, and where it speaks."""

    def __init__(self, rng, pools, kind):
        self.kind, self.sub, self.family, self.language = kind, kind, "-", "-"
        self.first_end = 0
        length = int(rng.uniform(6.5, 8.0) * RATE)
        self.voice = np.zeros(length, np.float32)
        self.studio = False
        if kind == "human":
            self.person(rng, pools)
        elif kind == "machine":
            self.machine(rng, pools)

    def pool(self, rng, pools, people):
        if people:
            self.family = rng.choice(PEOPLE, p=[0.42, 0.32, 0.21, 0.05])
        else:
            families = [f for f in pools if f not in PEOPLE]
            weights = np.array([1.0 if f not in ("espeak", "flite") else 0.8 for f in families])
            self.family = rng.choice(families, p=weights / weights.sum())
        self.studio = not people
        return pools[self.family]

    def person(self, rng, pools):
        pool = self.pool(rng, pools, rng.random() < 0.62)
        shortest, longest = [(0.25, 0.95), (0.8, 1.9), (1.7, 3.0), (2.6, 4.0)][
            rng.choice(4, p=[0.46, 0.24, 0.15, 0.15])]
        first = utterance(rng, pool, shortest, longest)
        self.language = first[1]
        at = int(np.clip(rng.lognormal(np.log(0.75), 0.6), 0.05, 3.4) * RATE)
        self.first_end = self.put(first[0], at)
        at = self.first_end
        while rng.random() < 0.33:
            at += int(rng.uniform(1.1, 3.6) * RATE)
            same = rng.random() < 0.6
            again = first if same else utterance(rng, pool, 0.25, 1.8)
            at = self.put(again[0] * rng.uniform(0.8, 1.3), at)

    def machine(self, rng, pools):
        pool = self.pool(rng, pools, rng.random() < 0.3)
        at = int(np.clip(rng.lognormal(np.log(0.75), 0.75), 0.05, 3.2) * RATE)
        personal = self.family in PEOPLE
        clip = self.first_clip(rng, pool)
        self.language, self.sub = clip["language"], sub_of(clip)
        wanted = rng.uniform(1.7, 3.0) if rng.random() < 0.12 else rng.uniform(3.5, 12.0)
        said, first = 0.0, True
        tight = rng.uniform(0.03, 0.25)
        while said < wanted and at < len(self.voice):
            at = self.put(clip["clip"], at)
            if first:
                self.first_end, first = at, False
            said += len(clip["clip"]) / RATE
            gap = rng.choice([tight, rng.uniform(0.1, 0.45), rng.uniform(0.4, 0.9)], p=[0.5, 0.38, 0.12])
            at += int(gap * RATE)
            clip = pick(rng, pool, 0.3 if not personal else 0.9, 12.0, clip)
        if at < len(self.voice) and rng.random() < 0.8:
            self.beep(rng, at + int(rng.uniform(0.1, 1.2) * RATE))

    def first_clip(self, rng, pool):
        # A greeting may begin with a word of its own ("Hello."), mostly it does not.
        return pick(rng, pool, 0.3 if rng.random() < 0.15 else 1.0, 12.0)

    def put(self, clip, at):
        end = min(at + len(clip), len(self.voice))
        if end > at:
            self.voice[at:end] += clip[: end - at]
        return at + len(clip)

    def beep(self, rng, at):
        t = np.arange(int(rng.uniform(0.15, 0.9) * RATE)) / RATE
        hz = rng.choice([440, 620, 770, 800, 950, 1000, 1200, 1400, 1750, rng.uniform(420, 1900)])
        tone = np.sin(2 * np.pi * hz * t) * 0.07
        if rng.random() < 0.3:
            tone += np.sin(2 * np.pi * hz * rng.choice([1.25, 1.5, 2.0]) * t) * 0.04
        self.put(tone.astype(np.float32), at)


def sub_of(clip):
    if re.search(SCREENERS, clip["name"]) or re.match(r"\w+-(8|9)(\D|$)", clip["name"]):
        return "screener"
    if re.search(ANNOUNCEMENTS, clip["name"]) or re.match(r"\w+-(6|7|10)(\D|$)", clip["name"]):
        return "announcement"
    return "voicemail"


def pick(rng, pool, shortest, longest, like=None):
    """A clip of a length in seconds; of the same voice as another where it has more than one."""
    for _ in range(200):
        voice = pool[rng.integers(len(pool))]
        if like and like["family"] == "espeak" and voice["name"].split("+")[-1] != like["name"].split("+")[-1]:
            continue
        if shortest <= len(voice["clip"]) / RATE <= longest:
            return voice
    return max((pool[i] for i in rng.integers(len(pool), size=50)), key=lambda v: len(v["clip"]))


def utterance(rng, pool, shortest, longest):
    """One utterance: a clip, the first phrases of one, or two clips close together."""
    voice = pick(rng, pool, shortest, longest)
    clip = voice["clip"]
    if len(clip) > longest * RATE:
        clip = cut_at_pause(clip, shortest, longest)
    if longest > 1.5 and rng.random() < 0.4:
        other = pick(rng, pool, 0.25, longest / 2, voice)["clip"]
        gap = np.zeros(int(rng.uniform(0.05, 0.4) * RATE), np.float32)
        if len(other) < longest * RATE:
            clip = np.concatenate([other, gap, clip[: int(longest * RATE) - len(other)]])
            clip = cut_at_pause(clip, shortest, longest)
    return clip, voice["language"]


def cut_at_pause(clip, shortest, longest):
    frames = len(clip) // 160
    level = np.sqrt(np.mean(clip[: frames * 160].reshape(frames, 160) ** 2, axis=1))
    low, high = int(shortest * 50), min(int(longest * 50), frames)
    if high <= low + 3:
        return clip
    smooth = np.convolve(level, np.ones(3) / 3, "same")
    return clip[: (low + int(np.argmin(smooth[low:high]))) * 160 + 80]


class Noises:
    """Backgrounds: made ones, babble of the voices, and a recorded kitchen and music where they are."""

    def __init__(self, rng, pools, sources):
        self.babble = np.zeros(60 * RATE, np.float32)
        everyone = [voice for family in PEOPLE for voice in pools[family]]
        for _ in range(900):
            clip = everyone[rng.integers(len(everyone))]["clip"]
            at = rng.integers(len(self.babble) - len(clip))
            self.babble[at : at + len(clip)] += clip * rng.uniform(0.3, 1.0)
        self.recorded = [load(path) for path in sorted((sources / "speech-to-intent-benchmark").glob("*noise*.wav"))]
        self.music = [load(path) for path in sorted((sources / "asterisk-moh-opsound").glob("**/*.wav"))]

    def take(self, rng, source, length):
        at = rng.integers(max(len(source) - length, 1))
        return np.resize(source[at : at + length], length)

    def make(self, rng, length):
        kind = rng.choice(["white", "pink", "brown", "hum", "babble", "recorded", "music"],
                          p=[0.11, 0.12, 0.13, 0.08, 0.19, 0.32, 0.05])
        if kind == "babble":
            return self.take(rng, self.babble, length)
        if kind == "recorded" and self.recorded:
            return self.take(rng, self.recorded[rng.integers(len(self.recorded))], length)
        if kind == "music" and self.music:
            return self.take(rng, self.music[rng.integers(len(self.music))], length)
        if kind == "hum":
            t = np.arange(length) / RATE
            base = rng.choice([50.0, 60.0])
            hum = sum(np.sin(2 * np.pi * base * k * t + k) / k for k in (1, 2, 3, 4, 6, 8))
            return hum + rng.standard_normal(length) * 0.1
        power = {"white": 0.0, "pink": 1.0, "brown": 2.0}.get(kind, 1.0)
        spectrum = np.fft.rfft(rng.standard_normal(length))
        spectrum /= np.maximum(np.arange(len(spectrum)), 20.0) ** (power / 2)
        return np.fft.irfft(spectrum, length)


def load(path):
    samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
    return soxr.resample(samples.mean(axis=1), rate, RATE)


def power_db(samples):
    return 10 * np.log10(np.mean(samples**2) + 1e-12)


def finish(rng, call, noises):
    """The line around the clean voice; and for each frame whether the voice speaks."""
    voice = call.voice
    length = len(voice)
    tempo = rng.uniform(0.86, 1.18)
    voice = np.resize(soxr.resample(voice, RATE * tempo, RATE), length) if call.kind in ("human", "machine") else voice
    if call.kind in ("human", "machine"):
        stretched = int(length / tempo)
        if stretched < length:
            voice[stretched:] = 0
        call.first_end = int(call.first_end / tempo)
    frames = length // 160
    level = np.sqrt(np.mean(voice[: frames * 160].reshape(frames, 160) ** 2, axis=1))
    truth = (level > 0.006).astype(np.uint8)
    if rng.random() < 0.35:
        seconds = rng.uniform(0.08, 0.45)
        t = np.arange(int(seconds * RATE)) / RATE
        room = rng.standard_normal(len(t)) * np.exp(-6.9 * t / seconds) * rng.uniform(0.05, 0.3)
        room[0] = 1.0
        voice = fftconvolve(voice, room)[:length]
    level_db = np.clip(rng.normal(-23, 5.5), -38, -10)
    snr_db = np.clip(rng.uniform(4, 45), 4, 45)
    noise = noises.make(rng, length)
    noise = noise / (np.sqrt(np.mean(noise**2)) + 1e-9)
    if rng.random() < 0.25:
        noise *= np.interp(np.arange(length), np.linspace(0, length, 8), rng.uniform(0.4, 1.6, 8))
    if call.kind == "music":
        noise = noises.take(rng, noises.music[rng.integers(len(noises.music))], length)
        samples = noise / (np.sqrt(np.mean(noise**2)) + 1e-9) * 10 ** (level_db / 20)
        truth[:] = 0
    elif call.kind == "silence":
        samples = noise * 10 ** (rng.uniform(-75, -35) / 20)
        truth[:] = 0
    else:
        speaking = voice[voice != 0]
        active_db = power_db(speaking[np.abs(speaking) > 0.005]) if len(speaking) else -26.0
        samples = voice * 10 ** ((level_db - active_db) / 20) + noise * 10 ** ((level_db - snr_db) / 20)
        if rng.random() < 0.15:
            samples = suppress(rng, samples, truth)
    if rng.random() < 0.35:
        band = butter(2, [rng.uniform(100, 350), rng.uniform(2_400, 3_800)], "band", fs=RATE, output="sos")
        samples = sosfilt(band, samples)
    return np.clip(samples, -1.0, 1.0).astype(np.float32), truth


def suppress(rng, samples, truth):
    """Discontinuous transmission: silence becomes comfort noise or nothing, with a hangover."""
    held = np.convolve(truth, np.ones(rng.integers(6, 16)))[: len(truth)] > 0
    mask = np.repeat(held, 160)
    mask = np.concatenate([mask, np.full(len(samples) - len(mask), mask[-1] if len(mask) else False)])
    comfort = rng.standard_normal(len(samples)) * 10 ** (rng.uniform(-75, -52) / 20)
    if rng.random() < 0.35:
        comfort[:] = 0
    return np.where(mask, samples, comfort)


def transcode(codec, calls, out):
    """Through a codec, all calls in one go."""
    options = {
        "pcmu": ("wav", ["-c:a", "pcm_mulaw"], 8_000), "pcma": ("wav", ["-c:a", "pcm_alaw"], 8_000),
        "gsm": ("gsm", ["-c:a", "libgsm"], 8_000), "opus": ("ogg", ["-c:a", "libopus", "-b:a", "12k"], 8_000),
        "g726": ("wav", ["-c:a", "adpcm_g726", "-b:a", "32k"], 8_000),
        "speex": ("ogg", ["-c:a", "libspeex"], 8_000), "g723_1": ("wav", ["-c:a", "g723_1", "-b:a", "6.3k"], 8_000),
    }[codec]
    extension, arguments, rate = options
    gap = np.zeros(RATE // 2, np.float32)
    whole = np.concatenate([np.concatenate([samples, gap]) for _, samples in calls])
    plain, coded = out / "plain.wav", out / f"coded.{extension}"
    soundfile.write(plain, whole, rate, subtype="PCM_16")
    quiet = ["ffmpeg", "-y", "-loglevel", "error"]
    subprocess.run([*quiet, "-i", plain, *arguments, coded], check=True)
    subprocess.run([*quiet, "-i", coded, "-ar", "8000", "-ac", "1", "-c:a", "pcm_s16le", plain], check=True)
    back, _ = soundfile.read(plain, dtype="float32")
    plain.unlink()
    coded.unlink()
    at = 0
    for nth, samples in calls:
        part = back[at : at + len(samples)]
        at += len(samples) + len(gap)
        yield nth, np.pad(part, (0, len(samples) - len(part)))


def lose(rng, samples):
    """Packets of 20 ms that never came: nothing, or the one before again."""
    if rng.random() > 0.2:
        return samples
    samples = samples.copy()
    again = rng.random() < 0.5
    for frame in np.flatnonzero(rng.random(len(samples) // 160) < rng.uniform(0.005, 0.05)):
        if frame > 0:
            before = samples[(frame - 1) * 160 : frame * 160]
            samples[frame * 160 : (frame + 1) * 160] = before * 0.7 if again else 0.0
    return samples


if __name__ == "__main__":
    main(*sys.argv[1:])
