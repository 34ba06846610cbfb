"""A small page that shows a running training in a browser on this computer."""

import html
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from understudy.project.errors import UnderstudyError

_SHOWN = {"preview.jpg": "image/jpeg", "preview_masked.jpg": "image/jpeg", "loss.csv": "text/csv"}
_PAGE = (Path(__file__).parent / "watch.html").read_text(encoding="utf-8")


@contextmanager
def live_page(folder: Path, *, port: int) -> Iterator[str]:
    """Within, the previews and the loss curve of a model are served on the loopback address alone.

    Args:
        folder: the model's; nothing but its previews and its loss curve is handed out.
        port: 0 takes a free one.

    Yields:
        The page's address.

    Raises:
        UnderstudyError: the port is taken.
    """

    class Handler(_Handler):
        model = folder

    try:
        server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    except (OSError, OverflowError) as error:
        fault = getattr(error, "strerror", None) or error
        raise UnderstudyError(f"cannot serve the live page on port {port}: {fault}; name another") from error
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, name="live page", daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    model: Path

    def do_GET(self) -> None:
        # A foreign page can point a name of its own at this address; its requests carry that name.
        if self.headers.get("Host", "").rpartition(":")[0] not in ("127.0.0.1", "localhost"):
            self.send_error(HTTPStatus.FORBIDDEN)
            return
        name = self.path.partition("?")[0].removeprefix("/")
        if not name:
            self._send(_PAGE.replace("{{ name }}", html.escape(self.model.name)).encode(), "text/html; charset=utf-8")
        elif name in _SHOWN and (self.model / name).is_file():
            self._send((self.model / name).read_bytes(), _SHOWN[name])
        else:
            self.send_error(HTTPStatus.NOT_FOUND)

    def _send(self, body: bytes, kind: str) -> None:
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the base class's name)
        """Requests are nobody's business."""
