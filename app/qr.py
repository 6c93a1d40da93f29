"""QR codes, drawn where they are shown."""

from io import BytesIO
from typing import TYPE_CHECKING

from markupsafe import Markup

if TYPE_CHECKING:
    from segno import QRCode


def inline(text: str, *, scale: int | None = None) -> Markup:
    """For a page: black on white whatever the theme, cameras want contrast. Without `scale`, as large as its box."""
    code = _made(text).svg_inline(
        scale=scale or 1, omitsize=scale is None, dark="#000", light="#fff", svgclass=None, lineclass=None
    )
    return Markup(code)  # noqa: S704 - drawn here


def svg(text: str) -> str:
    """For a sheet: a file of its own, without a margin."""
    file = BytesIO()
    _made(text).save(file, kind="svg", border=0, xmldecl=False)
    return file.getvalue().decode()


def rows(text: str) -> list[list[int]]:
    """Module by module, with the quiet zone of four that readers need."""
    return [list(row) for row in _made(text).matrix_iter(scale=1, border=4)]


def _made(text: str) -> "QRCode":
    import segno  # now and then; not worth every start

    return segno.make(text, error="m", micro=False)
