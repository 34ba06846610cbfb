"""What a performer does over time, whoever performs it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from understudy.actors.expression import CHANNELS, SIGNED
from understudy.actors.field import ramp
from understudy.actors.pose import Pose

Floats = NDArray[np.floating[Any]]
Shift = tuple[float, float, float]

_SHUTTER = 0.5  # share of a frame that the shutter is open
_SYLLABLES = 4.3  # a second
_STRETCH = 2.6  # seconds between changes of what is being done


@dataclass(frozen=True)
class PerformanceFrame:
    """One moment.

    Attributes:
        expression: strength of the `CHANNELS`; those not named are 0.
        pose: rotation of the head against the camera.
        shift: millimetres of the head along the camera's axes (x right, y up, z to the viewer).
        before: pose and shift when the shutter opened, for motion blur; None: the head is still.
        time: seconds from the start.
    """

    expression: Mapping[str, float] = field(default_factory=dict)
    pose: Pose = field(default_factory=lambda: Pose(0.0, 0.0, 0.0))
    shift: Shift = (0.0, 0.0, 0.0)
    before: tuple[Pose, Shift] | None = None
    time: float = 0.0

    def strength(self, channel: str) -> float:
        """Of one of the `CHANNELS`."""
        return float(self.expression.get(channel, 0.0))


@dataclass(frozen=True, eq=False)
class Performance:
    """Frames at an even rate.

    Attributes:
        seed: what it was drawn from.
        rate: frames a second.
        frames: the moments.
    """

    seed: int
    rate: float
    frames: tuple[PerformanceFrame, ...]

    def __len__(self) -> int:
        return len(self.frames)

    def __getitem__(self, index: int) -> PerformanceFrame:
        return self.frames[index]

    def __iter__(self) -> Iterator[PerformanceFrame]:
        return iter(self.frames)

    def at(self, time: float) -> PerformanceFrame:
        """The frame shown at a time in seconds; the last one after the end."""
        return self.frames[min(max(int(time * self.rate), 0), len(self.frames) - 1)]

    @staticmethod
    def from_seed(seed: int, seconds: float, rate: float = 25.0) -> "Performance":
        """A performance drawn from a seed: speech, looks, blinks and turns, with stretches of extremes between.

        The first frames of a longer performance with the same seed and rate are the same.
        """
        count = max(1, round(seconds * rate))
        # Drawn on a fine clock that does not depend on the length, then read at the frames.
        time = np.arange(count) / rate
        opened = time - _SHUTTER / rate
        now, then = _Motion(seed).sample(time), _Motion(seed).sample(np.maximum(opened, 0))
        frames = []
        for k in range(count):
            values = {name: float(now[name][k]) for name in CHANNELS}
            frames.append(
                PerformanceFrame(
                    expression=MappingProxyType({name: value for name, value in values.items() if abs(value) > 1e-4}),
                    pose=_pose(now, k),
                    shift=_shift(now, k),
                    before=(_pose(then, k), _shift(then, k)),
                    time=float(time[k]),
                )
            )
        return Performance(seed, rate, tuple(frames))


def _pose(values: Mapping[str, Floats], k: int) -> Pose:
    return Pose(float(values["pitch"][k]), float(values["yaw"][k]), float(values["roll"][k]))


def _shift(values: Mapping[str, Floats], k: int) -> Shift:
    return float(values["x"][k]), float(values["y"][k]), float(values["z"][k])


_DOINGS: tuple[tuple[float, Mapping[str, float]], ...] = (
    # odds, and the strengths that a stretch holds; speech goes on over most of them
    (3.0, {"talk": 1.0}),
    (1.6, {"talk": 0.8, "smile_left": 0.55, "smile_right": 0.55, "squint": 0.25}),
    (
        1.0,
        {"talk": 0.3, "smile_left": 1.0, "smile_right": 1.0, "squint": 0.6, "jaw_open": 0.25, "upper_lip_raise": 0.3},
    ),
    (0.8, {"talk": 0.5, "brow_raise_left": 1.0, "brow_raise_right": 1.0, "widen": 0.8}),
    (0.8, {"talk": 0.6, "brow_lower_left": 1.0, "brow_lower_right": 1.0, "squint": 0.4, "frown": 0.3}),
    (0.5, {"frown": 0.9, "brow_lower_left": 0.3, "brow_lower_right": 0.3, "lip_press": 0.4}),
    (0.5, {"jaw_open": 0.95, "brow_raise_left": 0.8, "brow_raise_right": 0.8, "widen": 1.0}),
    (0.5, {"pucker": 0.9}),
    (
        0.4,
        {"nose_wrinkle": 0.9, "upper_lip_raise": 0.6, "squint": 0.5, "brow_lower_left": 0.5, "brow_lower_right": 0.5},
    ),
    (0.4, {"cheek_puff": 0.9, "lip_press": 0.3}),
    (0.4, {"smile_left": 0.9, "mouth_shift": -0.4, "brow_raise_right": 0.7, "talk": 0.4}),
    (0.3, {"stretch": 0.9, "lower_lip_drop": 0.6}),
    (0.3, {"blink_left": 1.0, "blink_right": 1.0}),
)


class _Motion:
    """Curves over time; every draw depends on the seed and the position in time alone."""

    def __init__(self, seed: int) -> None:
        self._seed = seed

    def sample(self, time: Floats) -> dict[str, Floats]:
        """All channels, `pitch`, `yaw`, `roll` in radians and `x`, `y`, `z` in millimetres at times (N,)."""
        values = {name: np.zeros_like(time) for name in (*CHANNELS, "talk")}
        self._do(values, time)
        self._speak(values, time)
        self._blink(values, time)
        values["gaze_x"] = values["gaze_x"] + self._darting(1, time, 0.35)
        values["gaze_y"] = values["gaze_y"] + self._darting(2, time, 0.22)
        for side in ("left", "right"):
            values[f"brow_raise_{side}"] = values[f"brow_raise_{side}"] + 0.22 * np.maximum(self._wave(3, time, 0.9), 0)
        for name in CHANNELS:
            values[name] = np.clip(values[name], -1.0 if name in SIGNED else 0.0, 1.0)
        nod = values.pop("talk") * self._wave(4, time, 1.3)
        yaw, reach = self._turns(time)
        values["yaw"] = yaw + 0.07 * self._wave(5, time, 0.7)
        values["pitch"] = 0.05 * nod + 0.10 * self._wave(6, time, 0.35) + reach
        values["roll"] = 0.07 * self._wave(7, time, 0.4) + 0.02 * self._wave(8, time, 1.1)
        # The eyes stay a while where they were looking when the head turns.
        values["gaze_x"] = np.clip(values["gaze_x"] + 0.45 * np.tanh(1.2 * values["yaw"]), -1, 1)
        values["x"] = 14 * self._wave(9, time, 0.25)
        values["y"] = 8 * self._wave(10, time, 0.3)
        values["z"] = 25 * self._wave(11, time, 0.2)
        return values

    def _rng(self, stream: int, index: int) -> np.random.Generator:
        return np.random.default_rng([self._seed, 0x9E, stream, index])

    def _knots(self, stream: int, first: int, last: int) -> Floats:
        return np.array([self._rng(stream, k).standard_normal() for k in range(first, last + 1)])

    def _wave(self, stream: int, time: Floats, frequency: float) -> Floats:
        """Smooth noise of about unit size with `frequency` swings a second (cubic through random knots)."""
        place = time * frequency * 2
        last = int(place.max()) + 3
        knots = self._knots(stream, 0, last + 1)
        k = place.astype(np.intp) + 1
        t = place - np.floor(place)
        a, b, c, d = knots[k - 1], knots[k], knots[k + 1], knots[np.minimum(k + 2, last + 1)]
        return np.asarray(b + 0.5 * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a))))

    def _stretches(self, time: Floats, stream: int, slowest: float) -> Iterator[tuple[np.random.Generator, Floats]]:
        """For each stretch of time its own draws and its share (N,) of the moment; a change takes up to 2 `slowest`."""
        for index in range(int(time.max() / _STRETCH) + 2):
            rng = self._rng(stream, index)
            start = index * _STRETCH + (rng.uniform(-0.4, 0.4) if index else -1.0)
            end = (index + 1) * _STRETCH + self._rng(stream, index + 1).uniform(-0.4, 0.4)
            ease = rng.uniform(0.6, 1.0) * slowest
            yield rng, ramp(time, start - ease, start + ease) * ramp(time, end + ease, end - ease)

    def _do(self, values: dict[str, Floats], time: Floats) -> None:
        odds = np.array([weight for weight, _ in _DOINGS])
        for rng, share in self._stretches(time, 20, 0.4):
            doing = _DOINGS[int(rng.choice(len(_DOINGS), p=odds / odds.sum()))][1]
            strength = rng.uniform(0.75, 1.0)
            uneven = rng.normal(0, 0.06)
            for name, value in doing.items():
                tilt = 1 + uneven * (name.endswith("right") - name.endswith("left"))
                values[name] = values[name] + share * (value * strength * tilt)

    def _speak(self, values: dict[str, Floats], time: Floats) -> None:
        """Syllables open the jaw; between them the lips round, spread, press and part."""
        pause = ramp(self._wave(30, time, 0.45), -0.75, -0.35)
        talk = values["talk"] * pause
        wave = self._wave(31, time, _SYLLABLES / 2)
        syllable = np.clip(0.45 + 0.5 * wave, 0, 1.2)
        values["jaw_open"] = values["jaw_open"] + talk * 0.42 * syllable
        shape = self._wave(32, time, _SYLLABLES / 2)
        values["funnel"] = values["funnel"] + talk * 0.55 * np.maximum(shape, 0)
        values["stretch"] = values["stretch"] + talk * 0.40 * np.maximum(-shape, 0)
        closing = self._wave(33, time, _SYLLABLES / 2)
        press = talk * np.clip(closing - 0.8, 0, 1)
        values["lip_press"] = values["lip_press"] + press
        values["jaw_open"] = values["jaw_open"] * (1 - 0.8 * np.clip(press * 1.6, 0, 1))
        values["upper_lip_raise"] = values["upper_lip_raise"] + talk * 0.22 * np.maximum(self._wave(34, time, 2.0), 0)
        values["lower_lip_drop"] = values["lower_lip_drop"] + talk * 0.32 * np.maximum(self._wave(35, time, 2.0), 0)
        values["mouth_shift"] = values["mouth_shift"] + talk * 0.10 * self._wave(36, time, 1.0)

    def _blink(self, values: dict[str, Floats], time: Floats) -> None:
        for index in range(int(time.max() / 2.8) + 2):
            rng = self._rng(40, index)
            start = index * 2.8 + rng.uniform(0.2, 2.4)
            close, opening = start + 0.09, start + 0.26
            shut = ramp(time, start, close) * ramp(time, opening, close + 0.03)
            for side in ("left", "right"):
                values[f"blink_{side}"] = np.maximum(values[f"blink_{side}"], shut)

    def _darting(self, stream: int, time: Floats, size: float) -> Floats:
        """Gaze that jumps and rests."""
        place = time * 1.4
        index = place.astype(np.intp)
        knots = self._knots(stream, 0, int(index.max()) + 1) * size
        move = ramp(place - index, 0.0, 0.08)
        before = knots[np.maximum(index - 1, 0)]
        return np.asarray(before * (1 - move) + knots[index] * move)

    def _turns(self, time: Floats) -> tuple[Floats, Floats]:
        """Yaw and pitch: mostly near the camera, now and then far to one side."""
        yaw, pitch = np.zeros_like(time), np.zeros_like(time)
        for rng, share in self._stretches(time, 21, 0.8):
            kind = rng.uniform()
            far = rng.choice([-1, 1]) * (rng.uniform(0.7, 1.25) if kind < 0.28 else rng.normal(0, 0.28))
            steady = rng.normal(0, 0.07) if kind < 0.85 else rng.choice([-0.35, 0.3])
            yaw += share * far
            pitch += share * steady
        return yaw, pitch
