"""Tables as docutils nodes: real headers, ids on rows, and a name in each cell for narrow screens."""

from collections.abc import Sequence

from docutils import nodes


def table(
    header: Sequence[str],
    rows: Sequence[Sequence[str]],
    row_ids: Sequence[str] = (),
    classes: Sequence[str] = (),
) -> nodes.table:
    """A table of plain text. ``row_ids`` makes each row a link target; the first cell carries it."""
    result = nodes.table("", classes=list(classes))
    group = nodes.tgroup("", cols=len(header))
    result += group
    group += [nodes.colspec("", colwidth=1) for _ in header]
    group += nodes.thead("", _row(header))
    body = nodes.tbody("")
    for number, cells in enumerate(rows):
        body += _row(cells, row_ids[number] if row_ids else None)
    group += body
    return result


def section(name: str, title: str, *content: nodes.Node) -> nodes.section:
    """A real section, which the page's contents list and a screen reader finds by its heading."""
    return nodes.section("", nodes.title("", title), *content, ids=[nodes.make_id(name)], names=[name])


def _row(cells: Sequence[str], row_id: str | None = None) -> nodes.row:
    row = nodes.row("")
    entries = [nodes.entry("", nodes.paragraph("", cell) if cell else nodes.comment()) for cell in cells]
    if row_id:
        entries[0]["ids"].append(row_id)
    row += entries
    return row
