"""The page that `make run` ends with: one card per notebook, nothing loaded from elsewhere."""

import datetime
import pathlib
import platform

import jinja2

from helpers.workbook import outline, wording

MARK = "<title>CNN workbook: "
TEMPLATE = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>CNN workbook: {{ summary }}</title>
<style>
:root {
  color-scheme: light dark;
  --ink: #1c2733; --quiet: #53616f; --page: #f5f6f8; --card: #ffffff; --line: #d9dee4;
  --accent: #1f6aa5; --good: #1a7440; --bad: #b3261e; --bad-wash: #fdecea;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ink: #e8ecf0; --quiet: #a5b1bd; --page: #14191f; --card: #1d242c; --line: #36414c;
    --accent: #7ab8e8; --good: #6fcf97; --bad: #ff8a80; --bad-wash: #3a1f1f;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; background: var(--page); color: var(--ink);
  font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif;
}
header, main, footer { max-width: 58rem; margin: 0 auto; padding: 1.5rem; }
header { padding-top: 2.5rem; }
h1 { margin: 0; font-size: 1.9rem; line-height: 1.2; }
h2 { margin: 0; font-size: 1.25rem; line-height: 1.3; }
a { color: var(--accent); }
a:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
.quiet, footer { color: var(--quiet); }
ol { list-style: none; margin: 0; padding: 0; display: grid; gap: 1.25rem; }
article {
  display: grid; grid-template-columns: 15rem 1fr; background: var(--card);
  border: 1px solid var(--line); border-radius: 0.6rem; overflow: hidden;
}
article.failed { border-color: var(--bad); }
.picture {
  display: flex; align-items: center; justify-content: center; padding: 0.75rem;
  background: #ffffff; color: #53616f; border-right: 1px solid var(--line);
}
.picture img { max-width: 100%; max-height: 13rem; object-fit: contain; }
.text { padding: 1.1rem 1.3rem; min-width: 0; }
.title { display: flex; justify-content: space-between; align-items: baseline; gap: 1rem; }
.status { font-weight: 600; white-space: nowrap; color: var(--good); }
.failed .status { color: var(--bad); }
.question { margin: 0.4rem 0 0; }
.failure {
  margin: 0.8rem 0 0; padding: 0.5rem 0.8rem; overflow-wrap: anywhere;
  background: var(--bad-wash); border-left: 4px solid var(--bad);
}
dl { display: flex; flex-wrap: wrap; gap: 0.3rem 1.8rem; margin: 0.8rem 0 0; }
dt { font-size: 0.8rem; color: var(--quiet); }
dd { margin: 0; font-variant-numeric: tabular-nums; }
table { width: 100%; margin-top: 0.9rem; border-collapse: collapse; font-size: 0.93rem; }
caption { text-align: left; font-size: 0.8rem; color: var(--quiet); }
th, td { padding: 0.25rem 0.8rem 0.25rem 0; text-align: left; border-top: 1px solid var(--line); }
th { font-weight: 400; }
thead th { font-size: 0.8rem; color: var(--quiet); border-top: 0; }
td.number { font-weight: 600; white-space: nowrap; font-variant-numeric: tabular-nums; }
@media (max-width: 42rem) {
  article { grid-template-columns: 1fr; }
  .picture { border-right: 0; border-bottom: 1px solid var(--line); }
}
</style>
</head>
<body>
<header>
<h1>CNN workbook</h1>
<p class="quiet">{{ summary }} · {{ when }}</p>
</header>
<main>
<ol>
{% for card in cards %}
<li>
<article{% if card.report.failure %} class="failed"{% endif %}>
<div class="picture">
{% if card.thumbnail %}
<img alt="A picture from {{ card.report.title }}" src="{{ card.thumbnail }}">
{% else %}
<span>no picture</span>
{% endif %}
</div>
<div class="text">
<div class="title">
<h2><a href="{{ card.report.link }}">{{ card.report.title }}</a></h2>
<span class="status">{{ "✗ failed" if card.report.failure else "✓ passed" }}</span>
</div>
{% if card.question %}<p class="question">{{ card.question }}</p>{% endif %}
{% if card.report.failure %}
<p class="failure"><strong>Stopped at</strong> {{ card.report.failure }}</p>
{% endif %}
<dl>
<div><dt>Time</dt><dd>{{ card.report.time }}</dd></div>
<div><dt>Peak memory</dt><dd>{{ card.report.memory }}</dd></div>
<div><dt>Data used</dt><dd>{{ card.report.data }}</dd></div>
<div><dt>Profile</dt><dd>{{ card.report.profile }}</dd></div>
</dl>
{% if card.report.results %}
<table>
<caption>Key results</caption>
<thead><tr>
<th scope="col">What</th><th scope="col">Here</th><th scope="col">Reported elsewhere</th>
</tr></thead>
<tbody>
{% for result in card.report.results %}
<tr>
<th scope="row">{{ result.name }}</th>
<td class="number">{{ result.value_text }}</td>
<td>{{ result.reference_text or "–" }}</td>
</tr>
{% endfor %}
</tbody>
</table>
{% endif %}
</div>
</article>
</li>
{% endfor %}
</ol>
</main>
<footer>{{ machine }}</footer>
</body>
</html>
"""


def is_in(folder):
    """Tell whether a folder has the index page of a run."""
    try:
        with pathlib.Path(folder, "index.html").open(encoding="utf-8", errors="replace") as page:
            return MARK in page.read(1_000)
    except OSError:
        return False


def to_html(reports, *, versions, hardware, planned=None):
    """Write the index page.

    Parameters
    ----------
    reports : list of Report
    versions : dict of str
        Of the packages that matter, by name.
    hardware : str
        In a word.
    planned : int, optional
        Notebooks that the run has in all, if it is not over yet.

    Returns
    -------
    html : str
    """
    failed = sum(report.failure is not None for report in reports)
    total = wording.duration(sum(report.execution.seconds for report in reports))
    planned = len(reports) if planned is None else planned
    so_far = f"{len(reports)} of " if len(reports) < planned else ""
    count = f"{so_far}{planned} notebook{'' if planned == 1 else 's'}"
    outcome = f"{failed} failed" if failed else "all passed"
    packages = ", ".join(f"{name} {version}" for name, version in versions.items())
    environment = jinja2.Environment(autoescape=True, trim_blocks=True)
    return environment.from_string(TEMPLATE).render(
        summary=f"{count}, {outcome}, {total}",
        when=datetime.datetime.now().strftime("%Y-%m-%d %H:%M"),
        machine=f"{hardware}, {platform.system()}; {packages}",
        cards=[
            {
                "report": report,
                "thumbnail": outline.thumbnail(report.notebook),
                "question": outline.plain(outline.question(report.notebook)),
            }
            for report in reports
        ],
    )
