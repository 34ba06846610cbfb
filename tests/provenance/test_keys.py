"""The signing key: made once, private, and replaceable by one's own."""

import datetime
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from understudy.project import UnderstudyError
from understudy.provenance import SigningSettings
from understudy.provenance.keys import load_signing_key, local_issuer, local_signer_path


def own_pair(folder: Path) -> SigningSettings:
    """A certificate and key in files of their own, as a user would have them."""
    key = load_signing_key(SigningSettings())
    (folder / "own.pem").write_text(key.chain)
    (folder / "own.key").write_bytes(key.key)
    return SigningSettings(certificate=folder / "own.pem", private_key=folder / "own.key")


def test_the_local_key_is_made_once() -> None:
    assert local_issuer() is None
    first = load_signing_key(SigningSettings())
    assert load_signing_key(SigningSettings()) == first
    assert first.algorithm == "es256"


def test_processes_that_race_to_make_the_key_agree_on_one(config: Path) -> None:
    program = (
        "from understudy.provenance.keys import SigningSettings, load_signing_key;"
        "print(load_signing_key(SigningSettings()).chain)"
    )
    racers = [subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE) for _ in range(3)]
    assert len({racer.communicate()[0] for racer in racers}) == 1
    assert [path.name for path in config.iterdir()] == ["signer.pem"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows keeps its own access lists")
def test_nobody_else_may_read_the_key() -> None:
    load_signing_key(SigningSettings())
    assert stat.S_IMODE(local_signer_path().stat().st_mode) == 0o600


def test_the_certificate_is_one_that_c2pa_accepts_and_names_nobody() -> None:
    leaf, issuer = x509.load_pem_x509_certificates(load_signing_key(SigningSettings()).chain.encode())
    leaf.verify_directly_issued_by(issuer)
    assert not leaf.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    usage = leaf.extensions.get_extension_for_class(x509.KeyUsage)
    assert usage.critical
    assert usage.value.digital_signature
    assert not usage.value.key_cert_sign
    purposes = leaf.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert {purpose.dotted_string for purpose in purposes} == {"1.3.6.1.5.5.7.3.4", "1.3.6.1.5.5.7.3.36"}
    authority = leaf.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value
    subject = issuer.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    assert authority.key_identifier == subject.digest
    assert leaf.subject.rfc4514_string() == "CN=Understudy local signer,O=Understudy"
    assert leaf.not_valid_after_utc - datetime.datetime.now(datetime.UTC) > datetime.timedelta(days=3650)


def test_a_key_never_shows_in_a_traceback() -> None:
    assert "PRIVATE" not in repr(load_signing_key(SigningSettings()))


def test_ones_own_pair_is_used(tmp_path: Path) -> None:
    settings = own_pair(tmp_path)
    assert load_signing_key(settings).chain == (tmp_path / "own.pem").read_text()


def test_a_key_of_another_certificate_is_refused(tmp_path: Path) -> None:
    settings = own_pair(tmp_path)
    (tmp_path / "own.key").write_bytes(_pem(ec.generate_private_key(ec.SECP256R1())))
    with pytest.raises(UnderstudyError, match=r"own\.key is not that of the first certificate in .*own\.pem"):
        load_signing_key(settings)


def test_half_a_pair_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnderstudyError, match="both a certificate and its private key"):
        load_signing_key(SigningSettings(certificate=own_pair(tmp_path).certificate))


def test_an_encrypted_key_is_refused(tmp_path: Path) -> None:
    settings = own_pair(tmp_path)
    key = ec.generate_private_key(ec.SECP256R1())
    (tmp_path / "own.key").write_bytes(_pem(key, serialization.BestAvailableEncryption(b"secret")))
    with pytest.raises(UnderstudyError, match="encrypted"):
        load_signing_key(settings)


def test_files_of_something_else_are_refused(tmp_path: Path) -> None:
    settings = own_pair(tmp_path)
    (tmp_path / "own.key").write_text("not a key")
    with pytest.raises(UnderstudyError, match="does not hold a PEM private key"):
        load_signing_key(settings)
    (tmp_path / "own.pem").write_text("not a certificate")
    with pytest.raises(UnderstudyError, match="does not hold PEM certificates"):
        load_signing_key(settings)
    (tmp_path / "own.pem").unlink()
    with pytest.raises(UnderstudyError, match=r"cannot read .*own\.pem"):
        load_signing_key(settings)


def _pem(
    key: ec.EllipticCurvePrivateKey,
    encryption: serialization.KeySerializationEncryption = serialization.NoEncryption(),  # noqa: B008
) -> bytes:
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption)
