"""Media files opened for reading, and their main video stream."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import av
from av.container import InputContainer
from av.error import FFmpegError
from av.stream import Discard, Disposition
from av.video.stream import VideoStream

from understudy.media.info import MAX_SIDE
from understudy.project.errors import UnderstudyError

# A hostile playlist may name a web address, and a hostile header a picture of terabytes.
_LIMITS = {"protocol_whitelist": "file", "max_pixels": str(MAX_SIDE * MAX_SIDE)}
# Formats that FFmpeg reads but that hold no pictures of their own: text art and lists of other files.
_NOT_MEDIA = {"tty", "concat", "hls", "dash", "sdp", "rtsp", "bin", "xbin", "adf", "idf"}


@contextmanager
def open_container(path: Path) -> Iterator[InputContainer]:
    """Open a media file for reading; nothing but local files is ever read.

    Raises:
        UnderstudyError: the file is missing, empty or no media file.
    """
    try:
        if path.stat().st_size == 0:
            raise UnderstudyError(f"{path} is empty (0 bytes): copy it again from its original")
        container = av.open(f"file:{path}", options=dict(_LIMITS), metadata_errors="replace")
    except FileNotFoundError:
        raise UnderstudyError(f"{path} does not exist: check the path") from None
    except (FFmpegError, OSError) as error:
        reason = error.strerror or error
        raise UnderstudyError(f"{path} cannot be read as a media file ({reason}): give a video file") from error
    with container:
        if container.format.name in _NOT_MEDIA:
            raise UnderstudyError(f"{path} is not a media file: give a video file")
        yield container


@contextmanager
def open_video(path: Path) -> Iterator[tuple[InputContainer, VideoStream]]:
    """Open a media file and its main video stream, ready to decode on all cores.

    Raises:
        UnderstudyError: as `open_container`; or no picture stream, no decoder for it, or pictures too large.
    """
    with open_container(path) as container:
        streams = [s for s in container.streams.video if not s.disposition & Disposition.attached_pic]
        if not streams:
            raise UnderstudyError(f"{path} holds no video: give a file with pictures")
        stream = next((s for s in streams if s.disposition & Disposition.default), streams[0])
        # A codec that this build cannot decode has no context at all, whatever the type stubs say.
        if getattr(stream, "codec_context", None) is None:
            raise UnderstudyError(f"{path}: this FFmpeg has no decoder for its video: convert it to another codec")
        refuse_large(path, stream.codec_context.width, stream.codec_context.height)
        stream.codec_context.options = {"max_pixels": _LIMITS["max_pixels"]}
        stream.thread_type = "AUTO"
        for other in container.streams:
            other.discard = Discard.default if other is stream else Discard.all  # spares reading their data
        yield container, stream


def refuse_large(path: Path, width: int, height: int) -> None:
    """Refuse a picture before memory is set aside for it.

    Raises:
        UnderstudyError: a side is longer than `MAX_SIDE` pixels.
    """
    if max(width, height) > MAX_SIDE:
        raise UnderstudyError(
            f"{path} is {width}x{height}: at most {MAX_SIDE} pixels a side are read; scale it down first"
        )
