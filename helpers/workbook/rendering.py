"""A notebook as one HTML page that needs nothing from the network."""

import logging
import re

from jinja2 import pass_context
from nbconvert import HTMLExporter
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

from helpers.workbook import formulas, outline

# JupyterLab's look, less the scripts that it would load from elsewhere.
TEMPLATE = """\
{%- extends 'index.html.j2' -%}
{%- block html_head_js -%}{%- endblock -%}
{%- block jupyter_widgets -%}{%- endblock -%}
{%- block html_head_js_mathjax -%}{%- endblock -%}
{%- block html_head_js_mermaidjs -%}{%- endblock -%}
{%- block html_head_css -%}
<style>
main { max-width: 60rem; margin: 0 auto; }
.workbook-home { display: block; padding: 1rem 1.5rem 0; font-family: system-ui, sans-serif; }
.jp-RenderedHTMLCommon p { max-width: 46rem; }
</style>
{%- endblock -%}
{%- block body_header -%}
{{ super() }}
<a class="workbook-home" href="index.html">&larr; All notebooks</a>
{%- endblock -%}
"""


def to_html(notebook):
    """Render an executed notebook as a page that stands alone.

    Parameters
    ----------
    notebook : nbformat.NotebookNode

    Returns
    -------
    html : str
        Styles, pictures and formulas are part of it. Its only links lead where the text of the
        notebook points, and to ``index.html`` beside it.
    """
    exporter = _OfflineExporter(raw_template=TEMPLATE)
    exporter.log.setLevel(logging.ERROR)
    resources = {"metadata": {"name": outline.title(notebook)}}
    page, _ = exporter.from_notebook_node(notebook, resources=resources)
    return page


def remote_parts(page):
    """List what a browser would fetch from elsewhere to show a page: scripts, styles, pictures."""
    patterns = (
        r"<(?:script|img|iframe|source|video|audio|embed)\b[^>]*?\bsrc\s*=\s*[\"']?((?:https?:)?//[^\"'\s>]+)",
        r"<link\b[^>]*?\bhref\s*=\s*[\"']?((?:https?:)?//[^\"'\s>]+)",
        r"(?:url\(|@import)\s*[\"']?((?:https?:)?//[^\"')\s]+)",
        r"\bimport\(\s*[\"']((?:https?:)?//[^\"']+)",
    )
    return [place for pattern in patterns for place in re.findall(pattern, page, re.IGNORECASE)]


class _Renderer(IPythonRenderer):
    """Draws formulas instead of leaving them to a script."""

    def inline_math(self, body):
        return formulas.to_html(body)

    def block_math(self, body):
        return formulas.to_html(body, block=True)

    def latex_environment(self, name, body):
        return formulas.to_html(rf"\begin{{{name}}}{body}\end{{{name}}}", block=True)


class _OfflineExporter(HTMLExporter):
    @pass_context
    def markdown2html(self, context, source):
        attachments = context.get("cell", {}).get("attachments", {})
        renderer = _Renderer(escape=False, attachments=attachments, anchor_link_text="¶")
        return MarkdownWithMath(renderer=renderer).render(source)
