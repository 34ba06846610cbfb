"""Who signs: a certificate of one's own, or a local one that is made on first use."""

import contextlib
import datetime
import os
import sys
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from pydantic import BaseModel, ConfigDict, Field

from understudy.project.errors import UnderstudyError

LOCAL_SIGNER = "Understudy local signer"
"""Common name of the certificate that is made on first use; it says nothing about the machine or its user."""

_VALIDITY = datetime.timedelta(days=20 * 365)  # without a timestamp authority a mark lapses with its certificate
_DOCUMENT_SIGNING = x509.ObjectIdentifier("1.3.6.1.5.5.7.3.36")  # id-kp-documentSigning, RFC 9336
_CURVES = {"secp256r1": "es256", "secp384r1": "es384", "secp521r1": "es512"}


class SigningSettings(BaseModel):
    """Which certificate signs the credentials. With neither field set, a local one is made on first use."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    certificate: Path | None = Field(
        default=None, description="PEM file with your certificate first and its issuers after it."
    )
    private_key: Path | None = Field(default=None, description="PEM file with that certificate's unencrypted key.")
    timestamp_authority: str | None = Field(
        default=None,
        pattern=r"^https?://[^/\s]+",
        description="Address of an RFC 3161 timestamp authority that vouches for the time of signing; unset: none.",
    )


@dataclass(frozen=True)
class SigningKey:
    """A private key with the certificate chain that vouches for it.

    Attributes:
        chain: PEM certificates, the signer's own first.
        key: PEM private key, PKCS #8.
        algorithm: C2PA's name of the signature algorithm, such as "es256".
    """

    chain: str
    key: bytes
    algorithm: str

    def __repr__(self) -> str:
        """Leave the key out of logs and tracebacks."""
        return f"SigningKey(algorithm={self.algorithm!r})"


def load_signing_key(settings: SigningSettings) -> SigningKey:
    """The user's own key and chain, or the local ones, made now if there are none.

    Raises:
        UnderstudyError: a file is missing or unreadable, key and certificate do not belong together, the
            certificate has expired, or its kind of key is not one that C2PA signs with.
    """
    if settings.certificate is None and settings.private_key is None:
        path = local_signer_path()
        if not path.exists():
            _make_local_signer(path)
        return _signing_key(path, path)
    if settings.certificate is None or settings.private_key is None:
        raise UnderstudyError("signing needs both a certificate and its private key: give both, or neither")
    return _signing_key(settings.certificate, settings.private_key)


def trusted_issuers(trust_list: Path | None) -> str | None:
    """PEM of the issuers that the user trusts: those of `trust_list`, else of `trust.pem` in the settings folder.

    Raises:
        UnderstudyError: the file cannot be read, or holds no certificates.
    """
    path = trust_list or config_folder() / "trust.pem"
    if trust_list is None and not path.exists():
        return None
    return "".join(_pem(certificate) for certificate in _certificates(path))


def local_issuer() -> str | None:
    """PEM of the certificate that issued the local signer's; None while nothing was signed with it."""
    path = local_signer_path()
    return _pem(_certificates(path)[-1]) if path.exists() else None


def local_signer_path() -> Path:
    """The file, readable by its owner alone, that holds the local key and chain."""
    return config_folder() / "signer.pem"


def config_folder() -> Path:
    """Where this user's settings lie: `UNDERSTUDY_CONFIG` if set, otherwise the platform's own place."""
    if override := os.environ.get("UNDERSTUDY_CONFIG"):
        return Path(override)
    if sys.platform == "win32":
        return Path(os.environ.get("APPDATA") or Path.home() / "AppData" / "Roaming") / "understudy"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "understudy"
    return Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "understudy"


def _signing_key(certificate: Path, private_key: Path) -> SigningKey:
    chain = _certificates(certificate)
    try:
        key = serialization.load_pem_private_key(_read(private_key), password=None)
    except TypeError:
        raise UnderstudyError(f"the key in {private_key} is encrypted; give an unencrypted copy") from None
    except (ValueError, UnsupportedAlgorithm):
        raise UnderstudyError(f"{private_key} does not hold a PEM private key") from None
    leaf = chain[0]
    if _public_bytes(key.public_key()) != _public_bytes(leaf.public_key()):
        raise UnderstudyError(f"the key in {private_key} is not that of the first certificate in {certificate}")
    if leaf.not_valid_after_utc < datetime.datetime.now(datetime.UTC):
        raise UnderstudyError(f"the certificate in {certificate} expired on {leaf.not_valid_after_utc:%Y-%m-%d}")
    if isinstance(key, ec.EllipticCurvePrivateKey) and key.curve.name in _CURVES:
        algorithm = _CURVES[key.curve.name]
    elif isinstance(key, rsa.RSAPrivateKey):
        algorithm = "ps256"
    elif isinstance(key, ed25519.Ed25519PrivateKey):
        algorithm = "ed25519"
    else:
        raise UnderstudyError(f"cannot sign with the key in {private_key}: C2PA takes P-256/384/521, RSA or Ed25519")
    pkcs8 = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return SigningKey(chain="".join(_pem(one) for one in chain), key=pkcs8, algorithm=algorithm)


def _make_local_signer(path: Path) -> None:
    """Write a fresh key, its certificate and the issuer's into one file.

    C2PA rejects self-signed certificates, so a certificate authority is made for this one signature; its key is
    forgotten with this call, so that nothing else can ever be issued in its name.
    """
    issuer_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    issuer_name, signer_name = _name("Understudy local issuer"), _name(LOCAL_SIGNER)
    issuer = (
        _builder(issuer_name, issuer_name, issuer_key.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_key_usage("key_cert_sign", "crl_sign"), critical=True)
        .sign(issuer_key, hashes.SHA256())
    )
    signer = (
        _builder(signer_name, issuer_name, key.public_key())
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage("digital_signature"), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION, _DOCUMENT_SIGNING]), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()),
            critical=False,
        )
        .sign(issuer_key, hashes.SHA256())
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    _write_once(path, secret + (_pem(signer) + _pem(issuer)).encode())


def _write_once(path: Path, data: bytes) -> None:
    """Write a file that only its owner may read; where another process was first, its file stays."""
    temporary = path.with_name(f".{uuid.uuid4().hex[:12]}{path.suffix}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(descriptor)
            with contextlib.suppress(FileExistsError):
                os.link(temporary, path)  # unlike a rename, never replaces a key that has already signed
        finally:
            temporary.unlink()
    except OSError as error:
        raise UnderstudyError(f"cannot keep the signing key in {path}: {error.strerror or error}") from error


def _builder(subject: x509.Name, issuer: x509.Name, public_key: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
    start = datetime.datetime.now(datetime.UTC) - datetime.timedelta(minutes=5)  # clocks differ
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + _VALIDITY)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
    )


def _name(common: str) -> x509.Name:
    return x509.Name(
        [x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Understudy"), x509.NameAttribute(NameOID.COMMON_NAME, common)]
    )


def _key_usage(*granted: Literal["digital_signature", "key_cert_sign", "crl_sign"]) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature="digital_signature" in granted,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign="key_cert_sign" in granted,
        crl_sign="crl_sign" in granted,
        encipher_only=False,
        decipher_only=False,
    )


def _certificates(path: Path) -> list[x509.Certificate]:
    try:
        return x509.load_pem_x509_certificates(_read(path))
    except ValueError:
        raise UnderstudyError(f"{path} does not hold PEM certificates") from None


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UnderstudyError(f"cannot read {path}: {error.strerror or error}") from error


def _pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


def _public_bytes(key: object) -> bytes:
    encoded: bytes = key.public_bytes(  # type: ignore[attr-defined]
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return encoded
