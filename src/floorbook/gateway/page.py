"""The web page: built files of the package, or a word on how to build them.

Files under assets/ carry a hash of their content in their names and never change; index.html always may.
"""

from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.staticfiles import StaticFiles

PLACE = Path(__file__).resolve().parent.parent / "web"
FOR_EVER = "public, max-age=31536000, immutable"
UNBUILT = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Floorbook</title>
<body style="font: 16px/1.5 system-ui; max-width: 40em; margin: 4em auto; padding: 0 1em">
<h1>Floorbook is running, its page is not built</h1>
<p>The API answers at <code>/info</code>, <code>/exchange</code> and <code>/ws</code>; its description is at
<a href="openapi.json">openapi.json</a> and <a href="asyncapi.json">asyncapi.json</a>.</p>
<p>The page needs Node 20 once: <code>make web</code>, then load this again.</p>"""


class Assets(StaticFiles):
    """Files whose names change with their content."""

    def file_response(self, *args: object, **kwargs: object) -> Response:
        """Return the file, to be kept for ever."""
        response = super().file_response(*args, **kwargs)  # type: ignore[arg-type]
        response.headers["cache-control"] = FOR_EVER
        return response


def assets() -> Assets:
    """Return the application of the page's files; without them every name is unknown."""
    return Assets(directory=PLACE / "assets", check_dir=False)


async def index(request: Request) -> Response:
    """Return the page."""
    built = PLACE / "index.html"
    if not built.is_file():
        return HTMLResponse(UNBUILT)
    return FileResponse(built, headers={"cache-control": "no-cache"})
