"""Formulas as pictures, so that a page shows them without loading anything from elsewhere."""

import base64
import html
import io

from matplotlib import mathtext
from matplotlib.font_manager import FontProperties

POINTS = 11  # font size, that of the running text


def to_html(tex, *, block=False):
    r"""Turn TeX into an HTML image whose alternative text is the TeX itself.

    Matplotlib draws it, which knows fractions, sums, brackets, Greek and the usual signs. What
    it does not know, like ``\begin{aligned}``, is shown as TeX.

    Parameters
    ----------
    tex : str
        Without the dollar signs.
    block : bool
        A formula on a line of its own rather than within the text.

    Returns
    -------
    html : str
    """
    source = " ".join(tex.split())
    picture = io.BytesIO()
    font = FontProperties(size=POINTS * (1.2 if block else 1), math_fontfamily="cm")
    try:
        depth = mathtext.math_to_image(f"${source}$", picture, prop=font, dpi=72, format="svg")
    except (ValueError, RuntimeError):
        element = f"<code>{html.escape(source)}</code>"
    else:
        data = base64.b64encode(picture.getvalue()).decode("ascii")
        element = (
            f'<img alt="{html.escape(source)}" src="data:image/svg+xml;base64,{data}" '
            f'style="vertical-align: {-depth:.1f}pt">'
        )
    return f'<p style="text-align: center">{element}</p>' if block else element
