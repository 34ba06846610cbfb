"""What is signed verifies; what was changed since does not; what was never signed says so."""

import datetime
import json
import shutil
import socket
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

import c2pa
import numpy as np
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from PIL import Image

from understudy.media import write_image
from understudy.project import UnderstudyError
from understudy.provenance import Origin, SigningSettings, Verification, verify
from understudy.provenance.credentials import OFFLINE, SOURCE_TYPE, Credentials, embeds
from understudy.provenance.keys import load_signing_key, local_signer_path
from understudy.provenance.sidecar import sidecar_path

Sign = Callable[[str], Path]
SUFFIXES = (".mp4", ".mov", ".png", ".jpg", ".tif", ".webp", ".mkv", ".avi", ".exr")


@pytest.fixture
def sign(tmp_path: Path, clips: dict[str, Path], origin: Origin) -> Sign:
    """Put a signed file of one suffix into a folder of this test's own."""

    def make(suffix: str) -> Path:
        unsigned = make_unsigned(tmp_path / f"unsigned{suffix}", clips)
        signed = tmp_path / f"result{suffix}"
        credentials = Credentials(origin, SigningSettings(), label="as seen")
        if embeds(signed):
            credentials.embed(unsigned, signed)
        else:
            shutil.copy(unsigned, signed)
            sidecar_path(signed).write_bytes(credentials.detached(signed))
        return signed

    return make


def make_unsigned(path: Path, clips: dict[str, Path]) -> Path:
    if path.suffix in clips:
        shutil.copy(clips[path.suffix], path)
    elif path.suffix == ".exr":
        write_image(path, np.random.default_rng(3).random((64, 64, 3), np.float32))
    else:
        Image.fromarray(np.random.default_rng(3).integers(0, 256, (64, 64, 3), dtype=np.uint8)).save(path)
    return path


def flip(path: Path, offset: int) -> None:
    data = bytearray(path.read_bytes())
    data[offset] ^= 1
    path.write_bytes(data)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_signed_file_tells_where_it_comes_from(sign: Sign, origin: Origin, suffix: str) -> None:
    result = verify(sign(suffix))
    assert (result.state, result.exit_code, result.problems) == ("valid", 0, ())
    assert result.signer == "Understudy local signer"
    assert result.trust == "this computer"
    assert result.source_type == SOURCE_TYPE
    assert result.when is not None
    assert result.mark is not None
    assert result.mark.project == origin.project_id
    assert result.mark.consent_sha256 == origin.consent.digest()
    assert (result.mark.model, result.mark.model_sha256) == (origin.model, origin.model_sha256)
    assert result.mark.label == "as seen"
    assert result.ingredients == ("parentOf: take.mp4", "inputTo: take.mkv")


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_changed_file_is_found_out(sign: Sign, clips: dict[str, Path], tmp_path: Path, suffix: str) -> None:
    signed = sign(suffix)
    payload = (tmp_path / f"unsigned{suffix}").read_bytes()
    middle = payload[len(payload) // 2 :][:24]
    flip(signed, signed.read_bytes().index(middle) + 5)
    result = verify(signed)
    assert (result.state, result.exit_code) == ("tampered", 3)
    assert any("ash.mismatch" in problem for problem in result.problems)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_an_unsigned_file_is_unmarked(tmp_path: Path, clips: dict[str, Path], suffix: str) -> None:
    result = verify(make_unsigned(tmp_path / f"plain{suffix}", clips))
    assert (result.state, result.exit_code, result.mark) == ("absent", 1, None)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_performers_are_not_named(sign: Sign, origin: Origin, suffix: str) -> None:
    signed = sign(suffix)
    store = signed if embeds(signed) else sidecar_path(signed)
    data = store.read_bytes().lower()
    assert origin.consent.digest().encode() in data
    for name in (b"wilhelmina", b"quist", b"ondrej", b"release 17"):
        assert name not in data


def undetected(signed: Path, stored: Path, offsets: Iterable[int]) -> list[int]:
    """Places of `stored`, the file or its sidecar, in which a flipped bit goes unnoticed."""
    data = stored.read_bytes()
    passed = []
    for offset in offsets:
        stored.write_bytes(data)
        flip(stored, offset)
        try:
            if verify(signed, watermark=False).exit_code != 3:
                passed.append(offset)
        except UnderstudyError:
            continue  # the file's own structure is broken, and it is told so
    stored.write_bytes(data)
    return passed


@pytest.mark.parametrize("suffix", [".png", ".mp4", ".mov", ".mkv"])
def test_a_flipped_bit_anywhere_is_found(sign: Sign, suffix: str) -> None:
    signed = sign(suffix)
    for stored in {signed, signed if embeds(signed) else sidecar_path(signed)}:
        offsets = np.random.default_rng(5).integers(0, stored.stat().st_size, 40)
        assert undetected(signed, stored, offsets.tolist()) == []
    assert verify(signed).state == "valid"


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("suffix", [".png", ".mp4", ".mov", ".mkv"])
def test_a_flipped_bit_in_any_third_byte_of_the_credentials_is_found(sign: Sign, suffix: str) -> None:
    signed = sign(suffix)
    stored = signed if embeds(signed) else sidecar_path(signed)
    data = stored.read_bytes()
    start = data.index(b"jumdc2pa")
    end = min(len(data), start + int.from_bytes(data[start - 12 : start - 8]) + 80)
    assert undetected(signed, stored, range(max(0, start - 80), end, 3)) == []


def test_a_stranger_sees_that_the_file_is_whole_but_not_who_signed_it(sign: Sign) -> None:
    signed = sign(".mp4")
    local_signer_path().unlink()
    result = verify(signed)
    assert (result.state, result.trust, result.exit_code) == ("untrusted", "nobody", 0)


def test_verifying_makes_no_key(tmp_path: Path, clips: dict[str, Path]) -> None:
    verify(make_unsigned(tmp_path / "plain.png", clips))
    assert not local_signer_path().exists()


def test_ones_own_certificate_signs(
    sign: Sign, tmp_path: Path, origin: Origin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UNDERSTUDY_CONFIG", str(tmp_path / "studio"))
    sign(".png")
    own = local_signer_path()
    monkeypatch.setenv("UNDERSTUDY_CONFIG", str(tmp_path / "elsewhere"))
    credentials = Credentials(origin, SigningSettings(certificate=own, private_key=own), label=None)
    credentials.embed(tmp_path / "unsigned.png", tmp_path / "own.png")
    assert not local_signer_path().exists()
    assert verify(tmp_path / "own.png").state == "untrusted"


def test_credentials_of_the_footage_are_carried_along(sign: Sign, tmp_path: Path, origin: Origin) -> None:
    for suffix in (".mp4", ".mkv"):  # embedded, and in a sidecar
        footage = sign(suffix).rename(tmp_path / f"marked{suffix}")
        if not embeds(footage):
            (tmp_path / "result.c2pa").rename(tmp_path / "marked.c2pa")
        again = replace(origin, project_id="fedcba9876543210", dst_clips=(footage,))
        Credentials(again, SigningSettings(), label=None).embed(tmp_path / "unsigned.mp4", tmp_path / "again.mp4")
        result = verify(tmp_path / "again.mp4")
        assert result.state == "valid"
        assert result.mark is not None
        assert result.mark.project == "fedcba9876543210"
        assert result.ingredients[0] == f"parentOf: marked{suffix}, with credentials of its own"


def sign_elsewhere(source: Path, target: Path, *, action: str, source_type: str, parent: Path | None = None) -> None:
    """Sign as another program would."""
    key = load_signing_key(SigningSettings())
    signer = c2pa.Signer.from_info(c2pa.C2paSignerInfo(key.algorithm.encode(), key.chain.encode(), key.key, None))
    step = {"action": action, "digitalSourceType": source_type}
    if parent:
        step["parameters"] = {"ingredientIds": ["parent"]}
    definition = {"assertions": [{"label": "c2pa.actions.v2", "data": {"actions": [step]}}]}
    builder = c2pa.Builder(definition, context=c2pa.Context.from_dict(OFFLINE, signer))
    if parent:
        with parent.open("rb") as file:
            builder.add_ingredient({"label": "parent", "relationship": "parentOf"}, "image/png", file)
    with source.open("rb") as reader, target.open("w+b") as writer:
        builder.sign("image/png", reader, writer)


def test_an_editor_that_keeps_the_history_keeps_the_mark(sign: Sign, tmp_path: Path, origin: Origin) -> None:
    edited = tmp_path / "edited.png"
    signed, kind = sign(".png"), "http://cv.iptc.org/newscodes/digitalsourcetype/humanEdits"
    sign_elsewhere(tmp_path / "unsigned.png", edited, action="c2pa.opened", source_type=kind, parent=signed)
    result = verify(edited)
    assert (result.state, result.exit_code) == ("valid", 0)
    assert result.mark is not None
    assert result.mark.project == origin.project_id
    assert result.source_type == SOURCE_TYPE


def test_a_camera_s_credentials_are_no_mark(tmp_path: Path, clips: dict[str, Path]) -> None:
    unsigned, photo = make_unsigned(tmp_path / "unsigned.png", clips), tmp_path / "photo.png"
    kind = "http://cv.iptc.org/newscodes/digitalsourcetype/digitalCapture"
    sign_elsewhere(unsigned, photo, action="c2pa.created", source_type=kind)
    result = verify(photo)
    assert (result.state, result.marked, result.exit_code) == ("valid", False, 1)
    assert "do not say that a trained model" in result.describe()


def test_a_certificate_that_others_would_reject_is_refused_at_once(tmp_path: Path, origin: Origin) -> None:
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([])
    start = datetime.datetime.now(datetime.UTC)
    self_signed = (
        x509.CertificateBuilder(name, name, key.public_key(), 1, start, start + datetime.timedelta(days=1))
    ).sign(key, hashes.SHA256())
    pem = serialization.Encoding.PEM
    secret = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (tmp_path / "own.pem").write_bytes(self_signed.public_bytes(pem) + secret)
    settings = SigningSettings(certificate=tmp_path / "own.pem", private_key=tmp_path / "own.pem")
    with pytest.raises(UnderstudyError, match=r"cannot sign with .*own\.pem"):
        Credentials(origin, settings, label=None)


def test_footage_whose_own_credentials_are_broken_can_still_be_used(sign: Sign, tmp_path: Path, origin: Origin) -> None:
    footage = sign(".mp4").rename(tmp_path / "broken.mp4")
    flip(footage, footage.stat().st_size - 40)
    assert verify(footage).state == "tampered"
    again = replace(origin, dst_clips=(footage,))
    Credentials(again, SigningSettings(), label=None).embed(tmp_path / "unsigned.mp4", tmp_path / "again.mp4")
    assert verify(tmp_path / "again.mp4").exit_code == 0


def test_footage_whose_own_credentials_cannot_be_read_is_told(sign: Sign, tmp_path: Path, origin: Origin) -> None:
    for suffix in (".mp4", ".mkv"):
        footage = sign(suffix)
        store = footage if embeds(footage) else sidecar_path(footage)
        flip(store, store.read_bytes().index(b"jumdc2as") + 1)
        credentials = Credentials(replace(origin, dst_clips=(footage,)), SigningSettings(), label=None)
        assert len(credentials.notes) == 1
        assert footage.name in credentials.notes[0]
        credentials.embed(tmp_path / "unsigned.mp4", tmp_path / "again.mp4")
        assert verify(tmp_path / "again.mp4").state == "valid"


def test_several_dst_clips_and_folders_are_ingredients(tmp_path: Path, clips: dict[str, Path], origin: Origin) -> None:
    folder = tmp_path / "frames"
    folder.mkdir()
    make_unsigned(folder / "1.png", clips)
    many = replace(origin, dst_clips=(clips[".mp4"], clips[".mov"]), src_clips=(folder, clips[".mkv"]))
    Credentials(many, SigningSettings(), label=None).embed(folder / "1.png", tmp_path / "still.png")
    result = verify(tmp_path / "still.png")
    assert result.ingredients == (
        "parentOf: take.mp4",
        "componentOf: take.mov",
        "inputTo: frames",
        "inputTo: take.mkv",
    )


def test_pictures_that_were_signed_one_by_one_keep_their_credentials(
    sign: Sign, tmp_path: Path, clips: dict[str, Path], origin: Origin
) -> None:
    signed, folder = sign(".png"), tmp_path / "frames"
    folder.mkdir()
    for number in range(2):
        shutil.copy(signed, folder / f"{number}.png")
    make_unsigned(folder / "2.png", clips)
    again = replace(origin, project_id="fedcba9876543210", dst_clips=(folder,))
    Credentials(again, SigningSettings(), label=None).embed(tmp_path / "unsigned.png", tmp_path / "again.png")
    result = verify(tmp_path / "again.png", watermark=False)
    assert result.state == "valid"
    assert result.ingredients[:3] == (
        "parentOf: frames",
        "inputTo: frames, picture 1, with credentials of its own",
        "inputTo: frames, picture 2, with credentials of its own",
    )
    assert result.mark is not None
    assert result.mark.project == "fedcba9876543210"


def test_a_folder_is_as_good_as_its_worst_frame(sign: Sign, tmp_path: Path, clips: dict[str, Path]) -> None:
    frames = tmp_path / "frames"
    frames.mkdir()
    signed = sign(".png")
    for number in range(3):
        shutil.copy(signed, frames / f"{number}.png")
    assert (verify(frames).exit_code, verify(frames).frames) == (0, 3)
    make_unsigned(frames / "1.png", clips)
    result = verify(frames)
    assert (result.state, result.exit_code) == ("absent", 1)
    assert result.problems == ("1.png: not marked: no credentials, and no watermark was found",)
    flip(frames / "2.png", signed.stat().st_size - 40)
    assert verify(frames).exit_code == 3


def test_faults_are_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(UnderstudyError, match=r"gone\.mp4"):
        verify(tmp_path / "gone.mp4")
    with pytest.raises(UnderstudyError, match="no pictures"):
        verify(tmp_path)
    (tmp_path / "empty.mp4").touch()
    with pytest.raises(UnderstudyError, match="damaged"):
        verify(tmp_path / "empty.mp4")


def test_nothing_is_fetched(tmp_path: Path, clips: dict[str, Path], origin: Origin) -> None:
    unsigned, linked = make_unsigned(tmp_path / "unsigned.png", clips), tmp_path / "linked.png"
    with socket.create_server(("127.0.0.1", 0)) as server:
        builder = Credentials(origin, SigningSettings(), label=None)._builder()
        builder.set_no_embed()
        builder.set_remote_url(f"http://127.0.0.1:{server.getsockname()[1]}/credentials.c2pa")
        with unsigned.open("rb") as reader, linked.open("w+b") as writer:
            builder.sign("image/png", reader, writer)
        result = verify(linked)
        Credentials(replace(origin, dst_clips=(linked,)), SigningSettings(), label=None)
        server.settimeout(0.2)
        with pytest.raises(TimeoutError):
            server.accept()
    assert (result.exit_code, result.problems) == (1, ("its credentials lie on a server",))


def test_a_sidecar_far_too_large_is_not_read(sign: Sign) -> None:
    signed = sign(".mkv")
    with sidecar_path(signed).open("r+b") as file:
        file.truncate(1 << 34)
    with pytest.raises(UnderstudyError, match="too large"):
        verify(signed)


def test_a_sidecar_that_is_something_else_is_found_out(sign: Sign) -> None:
    signed = sign(".mkv")
    sidecar_path(signed).write_bytes(b"something else")
    assert verify(signed).state == "tampered"


def test_json_and_text_tell_the_same(sign: Sign, origin: Origin) -> None:
    result = verify(sign(".mp4"))
    document = json.loads(json.dumps(result.to_document()))
    assert document["state"] == "valid"
    assert document["marked"] is True
    assert document["mark"]["consent_sha256"] == origin.consent.digest()
    text = result.describe()
    for told in (origin.project_id, origin.consent.digest(), origin.model, "no public trust list"):
        assert told in text


def test_text_from_a_stranger_cannot_steer_the_terminal(tmp_path: Path) -> None:
    result = Verification(tmp_path / "a.png", "valid", signer="\x1b[2Jtrust me\nstate: valid")
    assert "\x1b" not in result.describe()
    assert "\nstate" not in result.describe()
