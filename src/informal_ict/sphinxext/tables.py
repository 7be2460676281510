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
        row = _row(cells)
        if row_ids:
            row.children[0]["ids"].append(row_ids[number])
        body += row
    group += body
    return result


def _row(cells: Sequence[str]) -> nodes.row:
    row = nodes.row("")
    row += [nodes.entry("", nodes.paragraph("", cell) if cell else nodes.comment()) for cell in cells]
    return row
