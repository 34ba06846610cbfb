"""The door: what leaves is labelled and signed, and nothing leaves otherwise."""

from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest

from understudy.media import EncodeSettings, FrameSource, Matte, MatteUse, open_source, read_image
from understudy.media.joining import FinishedPart
from understudy.media.scene_light import scene_linear
from understudy.project import UnderstudyError
from understudy.provenance import (
    LabelSettings,
    MarkedWriter,
    Marking,
    Origin,
    SigningSettings,
    open_marked,
    verify,
    write_marked_image,
)
from understudy.provenance.watermark import payload_of, read_file

GREY = np.full((96, 128, 3), 90, np.uint8)


@pytest.fixture
def source(clips: dict[str, Path]) -> FrameSource:
    return open_source([clips[".mp4"]])


@pytest.fixture
def output(tmp_path: Path) -> Path:
    folder = tmp_path / "output"
    folder.mkdir()
    return folder


def opened(
    path: Path,
    source: FrameSource,
    origin: Origin,
    *,
    encode: EncodeSettings | None = None,
    label: LabelSettings | None = None,
    signing: SigningSettings | None = None,
    mattes: MatteUse | None = None,
) -> MarkedWriter:
    return open_marked(
        path,
        like=source,
        encode=encode or EncodeSettings(),
        label=label or LabelSettings(),
        signing=signing or SigningSettings(),
        origin=origin,
        mattes=mattes,
    )


def write(
    path: Path,
    source: FrameSource,
    origin: Origin,
    *,
    encode: EncodeSettings | None = None,
    label: LabelSettings | None = None,
) -> None:
    with opened(path, source, origin, encode=encode, label=label) as writer:
        for frame in source.frames():
            writer.write(frame, GREY)


def write_half(path: Path, source: FrameSource, origin: Origin) -> None:
    """Write some frames, and fail."""
    with opened(path, source, origin) as writer:
        for frame in source.frames(0, 5):
            writer.write(frame, GREY)
        raise RuntimeError("half way")


@pytest.mark.parametrize("suffix", [".mp4", ".mov", ".mkv", ".avi"])
def test_video_is_labelled_and_signed(output: Path, source: FrameSource, origin: Origin, suffix: str) -> None:
    path = output / f"result{suffix}"
    write(path, source, origin)
    result = verify(path)
    assert result.state == "valid"
    assert result.mark is not None
    assert result.mark.consent_sha256 == origin.consent.digest()
    assert result.mark.label == LabelSettings().shown
    frames = list(open_source([path]).frames())
    assert len(frames) == source.info.frame_count
    for frame in frames:
        assert np.abs(frame.pixels[:48].astype(int) - 90).max() < 8  # as written
        assert frame.pixels[48:].max() > 200  # the label's letters
    expected = {path.name, "result.c2pa"} if suffix in (".mkv", ".avi") else {path.name}
    assert {left.name for left in output.iterdir()} == expected


@pytest.mark.parametrize("image_format", ["png", "tiff", "jpg", "exr"])
def test_the_pictures_of_a_folder_have_one_manifest(
    output: Path, source: FrameSource, origin: Origin, image_format: str
) -> None:
    path = output / "merged"
    write(path, source, origin, encode=EncodeSettings(image_format=image_format))  # type: ignore[arg-type]
    result = verify(path)
    assert (result.state, result.frames) == ("valid", 12)
    assert len(list(path.iterdir())) == 12 + 2
    assert verify(path / f"00007.{image_format}").state == "valid"
    assert list(output.iterdir()) == [path]


def test_only_what_changed_is_handed_on(output: Path, source: FrameSource, origin: Origin) -> None:
    """In a lossless video of the footage's own format, what neither the swap nor the label touched is bit-identical."""
    path = output / "result.mkv"
    changed = np.zeros((96, 128), np.bool_)
    changed[10:20, 10:20] = True
    with opened(path, source, origin, encode=EncodeSettings(codec="ffv1")) as writer:
        for frame in source.frames():
            pixels = frame.pixels.copy()
            pixels[changed] = 255
            writer.write(frame, pixels, changed)
    for before, after in zip(source.frames(), open_source([path]).frames(), strict=True):
        planes = (before.native.to_ndarray(), after.native.to_ndarray())
        assert np.array_equal(planes[0][24:40], planes[1][24:40])  # luma rows between the patch and the label
        assert not np.array_equal(planes[0][10:20, 10:20], planes[1][10:20, 10:20])


@pytest.mark.parametrize("name", ["result.mp4", "result.mkv", "merged"])
def test_an_exception_leaves_nothing_behind(output: Path, source: FrameSource, origin: Origin, name: str) -> None:
    with pytest.raises(RuntimeError, match="half way"):
        write_half(output / name, source, origin)
    assert list(output.iterdir()) == []


def test_what_a_killed_process_left_goes_with_the_next_result(
    output: Path, source: FrameSource, origin: Origin
) -> None:
    killed = opened(output / "result.mp4", source, origin)
    killed.write(next(iter(source.frames())), GREY)
    assert all(left.name.startswith(".") for left in output.iterdir())
    write(output / "result.mp4", source, origin)
    assert [left.name for left in output.iterdir()] == ["result.mp4"]
    killed.abort()


def test_joined_pictures_are_those_that_were_signed(output: Path, source: FrameSource, origin: Origin) -> None:
    """They share their place on the disk with the result's, which people paint over."""
    marking = Marking(
        output / "merged",
        like=source,
        encode=EncodeSettings(),
        label=LabelSettings(),
        signing=SigningSettings(),
        origin=origin,
    )
    frames = list(source.frames())
    with marking.open(output / "part", is_part=True) as writer:
        for frame in frames:
            writer.write(frame, GREY)
    parts = [FinishedPart(output / "part", 0, tuple(frame.time for frame in frames), source.info.duration)]
    marking.join(output / "merged", parts)
    assert verify(output / "merged").state == "valid"
    picture = output / "merged" / "00002.png"
    picture.write_bytes(picture.read_bytes() + b"paint")
    with pytest.raises(UnderstudyError, match="changed by hand"):
        marking.join(output / "again", parts)
    assert not (output / "again").exists()


def test_an_earlier_result_stays_until_the_new_one_is_complete(
    output: Path, source: FrameSource, origin: Origin
) -> None:
    path = output / "result.mp4"
    write(path, source, origin)
    before = path.read_bytes()
    with pytest.raises(RuntimeError, match="half way"):
        write_half(path, source, origin)
    assert path.read_bytes() == before
    write(path, source, replace(origin, project_id="fedcba9876543210"))
    result = verify(path)
    assert result.mark is not None
    assert result.mark.project == "fedcba9876543210"


@pytest.mark.parametrize("name", ["result.mp4", "result.mkv", "merged"])
def test_nothing_appears_under_its_name_before_it_is_signed(
    output: Path, source: FrameSource, origin: Origin, name: str
) -> None:
    writer = opened(output / name, source, origin)
    for frame in source.frames():
        writer.write(frame, GREY)
        assert not (output / name).exists()
    writer.close()
    assert verify(output / name).exit_code == 0


def test_without_the_label_the_credentials_stay(output: Path, source: FrameSource, origin: Origin) -> None:
    write(output / "result.mp4", source, origin, label=LabelSettings(enabled=False))
    result = verify(output / "result.mp4")
    assert result.exit_code == 0
    assert result.mark is not None
    assert result.mark.label is None
    frame = next(iter(open_source([output / "result.mp4"]).frames()))
    assert np.abs(frame.pixels.astype(int) - 90).max() < 8


def test_a_label_that_does_not_fit_is_not_claimed(output: Path, origin: Origin) -> None:
    tiny = np.zeros((8, 8, 3), np.uint8)
    write_marked_image(output / "a.png", tiny, label=LabelSettings(), signing=SigningSettings(), origin=origin)
    result = verify(output / "a.png")
    assert result.mark is not None
    assert result.mark.label is None


def test_closing_twice_or_after_giving_up_does_nothing(output: Path, source: FrameSource, origin: Origin) -> None:
    with opened(output / "result.mp4", source, origin) as writer:
        writer.write(next(iter(source.frames())), GREY)
        writer.close()
    assert verify(output / "result.mp4").exit_code == 0
    given_up = opened(output / "other.mp4", source, origin)
    given_up.abort()
    given_up.close()
    assert [left.name for left in output.iterdir()] == ["result.mp4"]


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".tif"])
def test_a_still_is_labelled_and_signed(output: Path, origin: Origin, suffix: str) -> None:
    path = output / f"still{suffix}"
    write_marked_image(path, GREY, label=LabelSettings(), signing=SigningSettings(), origin=origin)
    assert verify(path).state == "valid"
    pixels, _ = read_image(path)
    assert pixels.max() > pixels[0, 0].max() * 2
    assert not [left for left in output.iterdir() if left.name.startswith(".")]


def test_layers_for_compositors_bear_no_label(output: Path, source: FrameSource, origin: Origin) -> None:
    still, folder = output / "still.exr", output / "merged"
    write_marked_image(still, GREY, label=LabelSettings(), signing=SigningSettings(), origin=origin)
    write(folder, source, origin, encode=EncodeSettings(image_format="exr"))
    for path in (still, folder / "00001.exr"):
        result = verify(path)
        assert result.state == "valid"
        assert result.mark is not None
        assert result.mark.label is None
        pixels = read_image(path)[0]
        assert pixels.max() < pixels.min() + 0.1


def test_a_label_that_is_shown_for_a_while_is_gone_after_it(output: Path, source: FrameSource, origin: Origin) -> None:
    write(output / "a.mkv", source, origin, label=LabelSettings(seconds=0.2), encode=EncodeSettings(codec="ffv1"))
    bright = [frame.pixels.max() > 200 for frame in open_source([output / "a.mkv"]).frames()]
    assert bright == [True] * 5 + [False] * 7


def test_faults_are_found_before_the_work(
    output: Path, source: FrameSource, origin: Origin, clips: dict[str, Path]
) -> None:
    with pytest.raises(UnderstudyError, match=r"cannot read .*gone\.pem"):
        opened(
            output / "a.mp4",
            source,
            origin,
            signing=SigningSettings(certificate=output / "gone.pem", private_key=output / "gone.pem"),
        )
    with pytest.raises(UnderstudyError, match="no '漢'"):
        opened(output / "a.mp4", source, origin, label=LabelSettings(text="漢"))
    with pytest.raises(UnderstudyError, match=r"gone\.mp4"):
        opened(output / "a.mp4", source, replace(origin, src_clips=(output / "gone.mp4",)))
    with pytest.raises(UnderstudyError, match="clip of the project"):
        opened(clips[".mp4"], source, origin)
    with pytest.raises(UnderstudyError, match=r"output/a\.mp4: ffv1 does not go"):
        opened(output / "a.mp4", source, origin, encode=EncodeSettings(codec="ffv1"))
    (output / "full").mkdir()
    (output / "full" / "old.png").touch()
    with pytest.raises(UnderstudyError, match="exists already"):
        opened(output / "full", source, origin)
    assert [left.name for left in output.iterdir()] == ["full"]


def test_two_files_do_not_share_a_sidecar(output: Path, source: FrameSource, origin: Origin) -> None:
    write(output / "result.mkv", source, origin)
    with pytest.raises(UnderstudyError, match=r"result\.c2pa holds the credentials of result\.mkv"):
        opened(output / "result.avi", source, origin)
    write(output / "result.mkv", source, origin)
    assert verify(output / "result.mkv").state == "valid"


def test_a_changed_sidecar_file_is_found_out_end_to_end(output: Path, source: FrameSource, origin: Origin) -> None:
    path = output / "result.mkv"
    write(path, source, origin)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    assert verify(path).exit_code == 3


def test_float_frames_keep_their_range(output: Path, origin: Origin) -> None:
    bright = np.full((96, 128, 3), 7.5, np.float32)
    write_marked_image(output / "a.exr", bright, label=LabelSettings(), signing=SigningSettings(), origin=origin)
    pixels, _ = read_image(output / "a.exr")
    assert pixels[:48].min() == pytest.approx(7.5)


@pytest.mark.parametrize("name", ["result.mp4", "result.mkv", "merged.png"])
def test_every_output_bears_the_watermark(output: Path, origin: Origin, name: str) -> None:
    """In a lossy video all of the frame, in lossless outputs what was changed."""
    footage = output.parent / "footage.mkv"
    random = np.random.default_rng(0)
    slope = np.linspace(60, 190, 640)[None, :, None] + np.linspace(-20, 20, 360)[:, None, None]
    pixels = (slope + random.normal(0, 3, (360, 640, 3))).astype(np.uint8)
    with av.open(str(footage), "w") as encoded:
        stream = encoded.add_stream("libx264", rate=5, options={"crf": "4"})
        stream.width, stream.height, stream.pix_fmt = 640, 360, "yuv420p"
        for _ in range(5):
            encoded.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
        encoded.mux(stream.encode(None))
    source = open_source([footage])
    changed = np.zeros((360, 640), np.bool_)
    changed[30:330, 120:520] = True
    codec = "ffv1" if name.endswith(".mkv") else "auto"
    with opened(output / name, source, origin, encode=EncodeSettings(codec=codec)) as writer:  # type: ignore[arg-type]
        for frame in source.frames():
            swapped = frame.pixels.copy()
            swapped[changed] = 255 - swapped[changed]
            writer.write(frame, swapped, changed)
    assert read_file(output / name).payload == payload_of(origin.project_id)


@pytest.mark.parametrize(("name", "image_format"), [("a.mkv", "png"), ("a.mov", "png"), ("a", "png"), ("a", "exr")])
def test_with_alpha_the_marked_frame_laid_over_the_footage_bears_the_label(
    output: Path, source: FrameSource, origin: Origin, name: str, image_format: str
) -> None:
    alpha = np.zeros((96, 128), np.float32)
    alpha[20:40, 20:40] = np.linspace(0, 1, 20, dtype=np.float32)
    encode = EncodeSettings(image_format=image_format)  # type: ignore[arg-type]
    with opened(output / name, source, origin, encode=encode, mattes="alpha") as writer:
        for frame in source.frames():
            merged = frame.pixels + (alpha[..., None] * (255 - frame.pixels.astype(np.float32)))
            writer.write(frame, np.rint(merged).astype(np.uint8), alpha > 0, Matte(alpha))
    assert verify(output / name).state == "valid"
    is_exr = image_format == "exr"
    for plate, out in zip(source.frames(), open_source([output / name]).frames(), strict=True):
        assert out.alpha is not None
        opacity = out.alpha / np.float32(1 if is_exr else np.iinfo(out.alpha.dtype).max)
        below = scene_linear(plate.pixels) if is_exr else plate.unit()
        over = opacity[..., None] * out.unit() + (1 - opacity[..., None]) * below
        assert over[20:40, 39].min() > 0.85  # white, but for the watermark
        assert np.abs(over - below)[:16].max() < 0.03
        assert (opacity[48:].max() == 1) == (not is_exr)  # the label stays over the footage, and EXR has none


def test_layers_go_nowhere_but_into_exr(output: Path, source: FrameSource, origin: Origin) -> None:
    for name, image_format, reason in (("a.mkv", "exr", "video has no layers"), ("a", "png", "png has no layers")):
        encode = EncodeSettings(image_format=image_format)  # type: ignore[arg-type]
        with pytest.raises(UnderstudyError, match=reason):
            opened(output / name, source, origin, encode=encode, mattes="layers")
    assert not list(output.iterdir())
