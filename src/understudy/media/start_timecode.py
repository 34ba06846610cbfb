"""The timecode that a camera or an edit gave the first picture (SMPTE ST 12-1), carried into what is cut from it."""

import re
from fractions import Fraction
from typing import Any

from av.container import InputContainer

from understudy.media.info import Clip

_TIMECODE = re.compile(r"([0-9]{2}):([0-9]{2}):([0-9]{2})([:;.])([0-9]{2,3})")


def start_timecode(file: InputContainer, clip: Clip) -> str | None:
    """The timecode of the clip's first picture, as its file has it, or shifted where the clip is a part of it."""
    holders: list[Any] = [*file.streams.video, file, *file.streams.data]
    tags = [{key.lower(): value for key, value in holder.metadata.items()} for holder in holders]
    written = next((tag["timecode"] for tag in tags if "timecode" in tag), None)
    if written is None or _TIMECODE.fullmatch(written) is None:
        return None
    video = file.streams.video[0]
    rate = video.average_rate
    if not clip.is_part or rate is None or round(rate) < 1 or video.start_time is None or video.time_base is None:
        return str(written)
    return later(str(written), round((clip.origin - video.start_time * video.time_base) * rate), rate)


def later(timecode: str, frames: int, rate: Fraction) -> str:
    """`timecode`, `frames` pictures later. With a semicolon it drops numbers, as that of 29.97 and 59.94 fps does."""
    found = _TIMECODE.fullmatch(timecode)
    if found is None:
        raise ValueError(f"{timecode} is no timecode")
    hours, minutes, seconds, mark, ticks = found.groups()
    base = round(rate)
    drops = mark != ":" and base % 30 == 0
    dropped = base // 15 if drops else 0  # numbers left out in every minute but each tenth
    minute = int(hours) * 60 + int(minutes)
    number = (minute * 60 + int(seconds)) * base + int(ticks) - dropped * (minute - minute // 10) + frames
    tens, rest = divmod(number, 600 * base - 9 * dropped)
    if rest >= 60 * base:
        rest += dropped * (1 + (rest - 60 * base) // (60 * base - dropped))
    number = tens * 600 * base + rest
    second, tick = divmod(number, base)
    return f"{second // 3600 % 24:02d}:{second // 60 % 60:02d}:{second % 60:02d}{mark}{tick:0{len(ticks)}d}"
