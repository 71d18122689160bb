"""The plain door beside the secure one: over http a phone sees how to trust the house, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from werkzeug.utils import redirect

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

OPEN = ("/phones", "/static/")


def only_guide(app: WSGIApplication) -> Callable[[WSGIEnvironment, StartResponse], Iterable[bytes]]:
    """`app`, reduced to the guide, the certificate and static files; any other address leads to the guide."""

    def answer(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        reading = environ["REQUEST_METHOD"] in {"GET", "HEAD"}
        if reading and environ["PATH_INFO"].startswith(OPEN):
            # A session sent over plain http was shown to the whole network: it is not looked at here.
            environ.pop("HTTP_COOKIE", None)
            return app(environ, start)
        return redirect("/phones", 303)(environ, start)

    return answer
