"""A timestamp authority of our own (RFC 3161) vouches for the time of signing."""

import http.server
import shutil
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from understudy.media import write_image
from understudy.project import UnderstudyError
from understudy.provenance import Origin, SigningSettings, verify
from understudy.provenance.credentials import Credentials

_CONFIGURATION = """
[req]
distinguished_name = name
prompt = no
[name]
CN = Test
[issuer]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign
subjectKeyIdentifier = hash
[authority]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = critical, timeStamping
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
[stamp]
serial = serial
crypto_device = builtin
signer_cert = authority.pem
certs = issuer.pem
signer_key = authority.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha384, sha512
ess_cert_id_alg = sha256
"""


@pytest.fixture
def authority(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """Address of a timestamp authority on this computer, and the certificate that issued its own."""
    program = shutil.which("openssl")
    if program is None:
        pytest.skip("no openssl here to answer as a timestamp authority")
    folder = tmp_path / "authority"
    folder.mkdir()
    (folder / "configuration").write_text(_CONFIGURATION)
    (folder / "serial").write_text("01\n")

    def run(words: str) -> None:
        subprocess.run([program, *words.split()], cwd=folder, check=True, capture_output=True)

    new = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -config configuration"
    run(f"req -new -x509 {new} -keyout issuer.key -out issuer.pem -days 30 -extensions issuer -subj /CN=Issuer")
    run(f"req -new {new} -keyout authority.key -out authority.csr -subj /CN=Authority")
    run(
        "x509 -req -in authority.csr -CA issuer.pem -CAkey issuer.key -CAcreateserial -out authority.pem -days 30"
        " -extfile configuration -extensions authority"
    )

    class Answer(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            (folder / "query").write_bytes(self.rfile.read(int(self.headers["Content-Length"])))
            run("ts -reply -config configuration -section stamp -queryfile query -out reply")
            self.send_response(200)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.end_headers()
            self.wfile.write((folder / "reply").read_bytes())

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", folder / "issuer.pem"
        server.shutdown()


def test_the_time_of_signing_is_the_authority_s(authority: tuple[str, Path], tmp_path: Path, origin: Origin) -> None:
    address, issuer = authority
    write_image(tmp_path / "unsigned.png", np.zeros((32, 32, 3), np.uint8))
    credentials = Credentials(origin, SigningSettings(timestamp_authority=address), label=None)
    credentials.embed(tmp_path / "unsigned.png", tmp_path / "signed.png")
    trusted = verify(tmp_path / "signed.png", trust_list=issuer, watermark=False)
    assert (trusted.state, trusted.clock) == ("valid", "timestamp authority")
    assert trusted.when is not None
    assert verify(tmp_path / "signed.png", watermark=False).clock == "unknown timestamp authority"


def test_an_authority_that_does_not_answer_is_told_before_the_work(origin: Origin) -> None:
    with pytest.raises(UnderstudyError, match="cannot sign"):
        Credentials(origin, SigningSettings(timestamp_authority="http://127.0.0.1:9"), label=None)
