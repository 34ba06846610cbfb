"""Video files come out picture by picture, each with its own index and time, whatever the container."""

import threading
from fractions import Fraction
from itertools import islice, pairwise

import av
import numpy as np
import pytest

from understudy.media import ColorTags, open_source
from understudy.media.info import MAX_SIDE
from understudy.media.rgb import RgbReader, bit_depth, plane_view
from understudy.media.video import VideoSource
from understudy.project.errors import UnderstudyError

VFR = [0, 40, 90, 100, 101, 300, 333, 340, 400, 500, 640, 650, 651, 700, 800, 810, 900, 1000, 1100, 1200]


def all_frames(path):
    source = VideoSource(path)
    return source, list(source.frames())


@pytest.mark.parametrize(
    ("name", "codec", "pixel_format", "options"),
    [
        ("b.mp4", "libx264", "yuv420p", {"g": "9", "bf": "3"}),
        ("opengop.mp4", "libx264", "yuv420p", {"g": "7", "x264-params": "open-gop=1:bframes=3"}),
        ("refresh.mp4", "libx264", "yuv420p", {"g": "10", "x264-params": "intra-refresh=1:bframes=0"}),
        ("b.mkv", "libx265", "yuv420p10le", {"x265-params": "keyint=8:bframes=4:log-level=none"}),
        ("b.ts", "libx264", "yuv420p", {"g": "9", "bf": "3"}),
        ("b.avi", "mpeg4", "yuv420p", {"g": "9", "bf": "2"}),
        ("raw.h264", "libx264", "yuv420p", {"g": "9", "bf": "3"}),
        ("intra.mov", "prores_ks", "yuv422p10le", {}),
        ("intra.mkv", "ffv1", "gray16le", {}),
    ],
)
def test_a_frame_sought_is_the_frame_of_the_full_decode(tmp_path, make_video, name, codec, pixel_format, options):
    path = make_video(tmp_path / name, codec, pixel_format, options=options)
    with av.open(str(path)) as container:
        decoded = sum(1 for _ in container.decode(video=0))
    source, frames = all_frames(path)
    assert source.info.frame_count == decoded == 30
    assert [frame.index for frame in frames] == list(range(30))
    assert [frame.time for frame in frames] == [Fraction(n, 25) for n in range(30)]
    for start in (1, 8, 9, 10, 17, 29):
        sought = list(islice(source.frames(start), 2))
        for frame in sought:
            whole = frames[frame.index]
            assert frame.time == whole.time
            np.testing.assert_array_equal(frame.pixels, whole.pixels)
        assert sought[0].index == start
    assert source.warnings == []


@pytest.mark.parametrize("name", ["v.mp4", "v.mkv"])
def test_a_variable_rate_keeps_every_time(tmp_path, make_video, name):
    path = make_video(tmp_path / name, count=20, pts=VFR, time_base=Fraction(1, 1000), options={"g": "6", "bf": "3"})
    source, frames = all_frames(path)
    assert [frame.time for frame in frames] == [Fraction(pts, 1000) for pts in VFR]
    assert [frame.duration for frame in frames[:-1]] == [Fraction(b - a, 1000) for a, b in pairwise(VFR)]
    assert source.info.variable_rate
    assert source.info.duration == frames[-1].time + frames[-1].duration
    for start in (3, 7, 13, 19):
        (frame,) = source.frames(start, start + 1)
        assert (frame.index, frame.time) == (start, Fraction(VFR[start], 1000))
        np.testing.assert_array_equal(frame.pixels, frames[start].pixels)


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
@pytest.mark.parametrize("mirror", [False, True])
def test_rotated_video_comes_upright(tmp_path, make_video, turn, mirror):
    plain = next(VideoSource(make_video(tmp_path / "plain.mp4", count=1)).frames())
    source = VideoSource(make_video(tmp_path / "turned.mp4", count=1, rotation=(turn, mirror)))
    frame = next(source.frames())
    expected = np.rot90(plain.pixels, turn // 90)  # both anticlockwise
    np.testing.assert_array_equal(frame.pixels, expected[:, ::-1] if mirror else expected)
    assert (source.info.width, source.info.height) == (frame.width, frame.height)
    assert (frame.native is None) == bool(turn or mirror)


@pytest.mark.parametrize(
    ("codec", "suffix", "pixel_format", "depth", "alpha"),
    [
        ("libx264", "mp4", "yuv420p", 8, False),
        ("mjpeg", "avi", "yuvj420p", 8, False),
        ("libx264", "mp4", "yuv420p10le", 10, False),
        ("libx264", "mp4", "gray", 8, False),
        ("ffv1", "mkv", "gray12le", 12, False),
        ("ffv1", "mkv", "yuva420p", 8, True),
        ("ffv1", "mkv", "bgra", 8, True),
        ("ffv1", "mkv", "gbrp16le", 16, False),
        ("ffv1", "mkv", "yuva444p16le", 16, True),
        ("prores_ks", "mov", "yuva444p10le", 12, True),  # as FFmpeg decodes 4444
        ("rawvideo", "avi", "bgr24", 8, False),
    ],
)
@pytest.mark.parametrize("size", [(64, 48), (35, 27), (1, 1)])
def test_every_depth_and_layout_reads_as_the_colours_written(
    tmp_path, make_video, make_picture, codec, suffix, pixel_format, depth, alpha, size
):
    if codec in ("libx264", "mjpeg", "prores_ks") and size != (64, 48):
        pytest.skip("these encoders want even or larger pictures")
    tags = ColorTags(1, 1, 6, True) if pixel_format.startswith("yuvj") else ColorTags(1, 1, 1, False)
    path = make_video(
        tmp_path / f"clip.{suffix}", codec, pixel_format, count=3, size=size, tags=tags, options={"crf": "1"}
    )
    source, frames = all_frames(path)
    assert (source.info.width, source.info.height) == size
    assert source.info.bit_depth == depth
    assert source.info.has_alpha == alpha
    assert len(frames) == 3
    for index, frame in enumerate(frames):
        written = make_picture(index, *size).astype(float) / 65535
        if pixel_format.startswith("gray"):
            written = written @ [[0.2126], [0.7152], [0.0722]]
        assert frame.pixels.dtype == (np.uint8 if depth == 8 else np.uint16)
        error = np.abs(frame.unit() - written)
        error = error[2:-2, 2:-2] if min(size) > 8 else error
        assert np.median(error) < (0.03 if codec == "mjpeg" else 0.008)
        if alpha:
            unit = frame.alpha.astype(float) / np.iinfo(frame.alpha.dtype).max
            assert np.abs(unit - make_picture(index, *size)[..., 0] / 65535).max() < 0.005


@pytest.mark.parametrize("full", [False, True])
@pytest.mark.parametrize(
    "pixel_format",
    [
        *("yuv444p", "yuv444p10le", "yuv444p12le", "yuv444p16le", "gray", "gray10le", "yuva444p10le"),
        *("nv12", "uyvy422", "p010le", "y210le", "yuv422p10be", "ayuv64le"),  # packed from the planar ones above
    ],
)
def test_white_is_white_at_every_depth_and_range(pixel_format, full):
    packed = pixel_format in ("nv12", "uyvy422", "p010le", "y210le", "yuv422p10be", "ayuv64le")
    planar = ("yuv444p" if bit_depth(pixel_format) == 8 else "yuv444p16le") if packed else pixel_format
    depth = bit_depth(planar)
    frame = av.VideoFrame(16, 8, planar)
    for number in range(len(frame.planes)):
        value = 128 << (depth - 8) if number in (1, 2) else 2**depth - 1 if full or number == 3 else 235 << (depth - 8)
        plane_view(frame, number, "u1" if depth == 8 else "<u2")[...] = value
    frame.color_range = 2 if full else 1
    if packed:
        frame = frame.reformat(format=pixel_format, src_color_range=2 if full else 1, dst_color_range=2 if full else 1)
        frame.color_range = 2 if full else 1
    pixels, alpha = RgbReader().read(frame)
    white = np.iinfo(pixels.dtype).max
    assert pixels.min() >= white - white // 1000 * packed - 2
    assert alpha is None or alpha.min() == white


def test_unstated_matrix_is_bt601_below_720_lines_and_bt709_from_there(tmp_path, make_video):
    for height, matrix in ((718, 6), (720, 1)):
        unstated, stated = (
            next(
                VideoSource(
                    make_video(tmp_path / f"{height}-{m}.mkv", "ffv1", count=1, size=(16, height), tags=tags)
                ).frames()
            )
            for m, tags in ((2, ColorTags()), (matrix, ColorTags(matrix=matrix)))
        )
        assert (unstated.color.matrix, stated.color.matrix) == (2, matrix)
        np.testing.assert_array_equal(unstated.pixels, stated.pixels)


@pytest.mark.parametrize(
    ("name", "codec"),
    [("t.mkv", "ffv1"), ("t.avi", "ffv1"), ("t.mkv", "libx264"), ("t.ts", "libx264"), ("t.mp4", "libx264")],
)
def test_a_truncated_file_yields_what_is_there_and_says_so(tmp_path, make_video, name, codec):
    index_first = {"movflags": "faststart"} if name == "t.mp4" else None
    whole = make_video(tmp_path / name, codec, options={"g": "5"}, sound="aac", container_options=index_first)
    _, frames = all_frames(whole)
    cut = tmp_path / f"cut{name[1:]}"
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size * 6 // 10])
    source, present = all_frames(cut)
    assert 5 < len(present) < len(frames)
    assert source.info.frame_count >= len(present)
    assert [frame.index for frame in present] == list(range(len(present)))
    for frame in present[:-4]:  # the decoder patches up what depends on the broken end
        np.testing.assert_array_equal(frame.pixels, frames[frame.index].pixels)
    if name != "t.ts":  # a transport stream promises no length
        assert len(source.warnings) == 1
        assert str(cut) in source.warnings[0]
        assert "\n" not in source.warnings[0]


def test_a_damaged_packet_is_left_out_and_the_others_keep_their_index(tmp_path, make_video):
    path = make_video(tmp_path / "d.mkv", "ffv1", options={"g": "1"})
    with av.open(str(path)) as container:
        packets = [packet for packet in container.demux(video=0) if packet.size]
        damaged = bytes(packets[12])
    data = path.read_bytes()
    position = data.index(damaged)
    path_damaged = tmp_path / "damaged.mkv"
    path_damaged.write_bytes(data[:position] + b"\xff" * len(damaged) + data[position + len(damaged) :])
    _, frames = all_frames(path)
    source, present = all_frames(path_damaged)
    assert [frame.index for frame in present] == [n for n in range(30) if n != 12]
    assert source.warnings == [f"{path_damaged} has damaged pictures, which are left out, the first at frame 12"]
    for frame in present:
        np.testing.assert_array_equal(frame.pixels, frames[frame.index].pixels)
        assert frame.time == frames[frame.index].time


def make_sound_only(path):
    with av.open(str(path), "w") as output:
        stream = output.add_stream("aac", rate=48000, layout="mono")
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 4096), np.float32), "fltp", "mono")
        frame.sample_rate = 48000
        output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    return path


def test_what_is_no_video_is_refused_in_one_line(tmp_path, make_video):
    whole = make_video(tmp_path / "whole.mp4").read_bytes()
    contents = {
        "empty.mp4": b"",
        "notes.txt": b"the quick brown fox\n" * 200,
        "noise.mp4": np.random.default_rng(0).bytes(20_000),
        "no-index.mp4": whole[: len(whole) * 6 // 10],
        "header-only.mp4": whole[:40],
        "list.m3u8": b"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nwhole.mp4\n#EXT-X-ENDLIST\n",
        "list.ffconcat": b"ffconcat version 1.0\nfile whole.mp4\n",
    }
    paths = [tmp_path / "missing.mp4", make_sound_only(tmp_path / "sound.m4a")]
    for name, data in contents.items():
        (tmp_path / name).write_bytes(data)
        paths.append(tmp_path / name)
    for path in paths:
        with pytest.raises(UnderstudyError) as caught:
            open_source([path])
        assert str(path) in str(caught.value)
        assert "\n" not in str(caught.value)


def test_a_video_without_a_decodable_picture_is_refused(tmp_path, make_video):
    path = make_video(tmp_path / "d.mkv", "ffv1", count=4)
    with av.open(str(path)) as container:
        payloads = [bytes(packet) for packet in container.demux(video=0) if packet.size]
    data = path.read_bytes()
    for payload in payloads:
        data = data.replace(payload, b"\xff" * len(payload))
    path.write_bytes(data)
    with pytest.raises(UnderstudyError, match="no picture that can be decoded"):
        open_source([path])


def test_huge_pictures_are_refused_before_they_are_allocated(tmp_path):
    for size in ((MAX_SIDE + 2, 2), (2, MAX_SIDE + 2)):
        path = tmp_path / "huge.avi"
        with av.open(str(path), "w") as output:
            stream = output.add_stream("ffv1", rate=25, width=size[0], height=size[1], pix_fmt="gray")
            output.mux(stream.encode(av.VideoFrame(*size, "gray")))
            output.mux(stream.encode(None))
        with pytest.raises(UnderstudyError, match=str(MAX_SIDE)):
            open_source([path])


def test_a_change_of_size_within_a_file_is_an_error(tmp_path, make_video):
    first, second = (
        make_video(tmp_path / f"{n}.h264", count=5, size=size) for n, size in enumerate([(64, 48), (32, 32)])
    )
    joined = tmp_path / "joined.h264"
    joined.write_bytes(first.read_bytes() + second.read_bytes())
    with pytest.raises(UnderstudyError, match="changes size from 64x48 to 32x32 at frame 5"):
        list(VideoSource(joined).frames())


def test_frames_outside_the_source_are_refused(tmp_path, make_video):
    source = VideoSource(make_video(tmp_path / "a.mkv", "ffv1", count=3))
    for start, stop in ((-1, 2), (0, 4), (3, 2)):
        with pytest.raises(ValueError, match="frames"):
            source.frames(start, stop)
    assert list(source.frames(3)) == []


def test_the_decoding_thread_ends_with_its_consumer(tmp_path, make_video):
    source = VideoSource(make_video(tmp_path / "a.mkv", "ffv1"))
    before = threading.active_count()
    frames = source.frames()
    next(frames)
    assert threading.active_count() > before
    frames.close()
    assert threading.active_count() == before


def test_pixel_aspect_is_known(tmp_path, make_video):
    wide = VideoSource(make_video(tmp_path / "a.mp4", aspect=Fraction(4, 3)))
    assert wide.info.sample_aspect_ratio == Fraction(4, 3)
    tall = VideoSource(make_video(tmp_path / "b.mp4", aspect=Fraction(4, 3), rotation=(90, False)))
    assert tall.info.sample_aspect_ratio == Fraction(3, 4)


def test_the_footage_reads_whole(footage):
    source = VideoSource(footage / "signer_a_brother.mkv")  # its times have a gap
    frames = list(source.frames())
    assert len(frames) == source.info.frame_count == 65
    assert source.info.variable_rate
    for start in (31, 64):
        np.testing.assert_array_equal(next(source.frames(start)).pixels, frames[start].pixels)
