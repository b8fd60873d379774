"""A lineage without a browser's script: an indented text, and a drawing with a table of its steps."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from jupyter_mlops.comparison.lineage_text import as_tree
from jupyter_mlops.widgets.static import MUTED, PANEL, TITLE, cell_html, cut, esc, plain, table_html

if TYPE_CHECKING:
    from jupyter_mlops.comparison.lineage_graph import Edge, Graph, Node

WIDTH, HEIGHT, ACROSS, DOWN, MARGIN = 172, 42, 226, 56, 8
"""Of a node, from one column to the next, from one row to the next, and around all; in pixels."""
STEPS = 40
MOST_DRAWN = 80
"""Of more nodes there are the steps only: a saved notebook would grow by a kilobyte for each."""
_LETTERS, _SMALL_LETTERS = 21, 24
_NAMES = 8
_TEXT = "fill:var(--jp-content-font-color1,#1f2328);font-size:12px;font-weight:600;font-family:inherit"
_QUIET = "fill:var(--jp-ui-font-color2,#59636e);font-size:10.5px;font-family:inherit"
_LINE = "fill:none;stroke:var(--jp-ui-font-color2,#59636e);stroke-width:1.3;stroke-opacity:0.75"
_BOX = "fill:var(--jp-layout-color1,#fff);stroke:var(--jp-ui-font-color2,#59636e)"
_FOCUS = "fill:var(--jp-layout-color2,#f0f2f4);stroke:var(--jp-brand-color1,#0969da);stroke-width:2"


def title_of(graph: Graph) -> str:
    """What the lineage is about, and how much there is of it."""
    return f"What led to {plain(graph.title)}: {graph.counts}"


def notes_of(graph: Graph) -> list[str]:
    """What to know about the drawing."""
    left = [f"{graph.left_out:,} farther ones are not drawn."] if graph.left_out else []
    return [*([graph.note] if graph.note else []), *left]


def as_text(graph: Graph) -> str:
    """The title, the tree, and the notes."""
    tree = as_tree(graph, lambda text, limit: cut(plain(text), limit))
    return "\n".join([cut(title_of(graph), 200), *(f"  {line}" for line in tree), *notes_of(graph)])


def as_html(graph: Graph) -> str:
    """The drawing and the steps, with inline styles that follow the theme."""
    notes = "".join(f'<div style="{MUTED};padding-top:6px">{esc(note)}</div>' for note in notes_of(graph))
    title = f'<div style="{TITLE}">{cell_html(title_of(graph), limit=200)}</div>'
    return f'<div style="{PANEL}">{title}{_drawing(graph)}{_steps(graph)}{notes}</div>'


def _drawing(graph: Graph) -> str:
    if not 2 <= len(graph.nodes) <= MOST_DRAWN:
        return ""
    places = {node.id: _place(node.level, node.row) for node in graph.nodes}
    levels = {node.id: node.level for node in graph.nodes}
    width = max(x for x, _ in places.values()) + WIDTH + MARGIN
    height = max(y for _, y in places.values()) + HEIGHT + MARGIN
    parts = [_line(edge, places, levels) for edge in graph.edges]
    parts += [_node(node, places[node.id], is_focus=node.id == graph.focus) for node in graph.nodes]
    return (
        f'<svg role="img" aria-label="{esc(cut(title_of(graph), 120))}" xmlns="http://www.w3.org/2000/svg" '
        f'width="{width:.0f}" height="{height:.0f}" viewBox="0 0 {width:.0f} {height:.0f}" '
        f'style="display:block;margin:4px 0">{"".join(parts)}</svg>'
    )


def _place(level: int, row: float) -> tuple[float, float]:
    return MARGIN + level * ACROSS, MARGIN + row * DOWN


def _line(edge: Edge, places: dict[str, tuple[float, float]], levels: dict[str, int]) -> str:
    """A curve from the right side of one node to the left side of another, past those between."""
    x, y = places[edge.source]
    x, y = x + WIDTH, y + HEIGHT / 2
    way = [f"M{x:.1f} {y:.1f}"]
    for at, row in enumerate(edge.via):
        stop, line = _place(levels[edge.source] + 1 + at, row)
        way.append(_curve(x, y, stop, line + HEIGHT / 2) + f"H{stop + WIDTH:.1f}")
        x, y = stop + WIDTH, line + HEIGHT / 2
    end, line = places[edge.target]
    way.append(_curve(x, y, end, line + HEIGHT / 2))
    tip = line + HEIGHT / 2
    head = f"M{end - 6:.1f} {tip - 3.5:.1f}L{end:.1f} {tip:.1f}L{end - 6:.1f} {tip + 3.5:.1f}"
    dashes = ";stroke-dasharray:5 3" if edge.kind == "change" else ""
    return f'<path d="{"".join(way)}" style="{_LINE}{dashes}"/><path d="{head}" style="{_LINE}"/>'


def _curve(x: float, y: float, to_x: float, to_y: float) -> str:
    half = (x + to_x) / 2
    return f"C{half:.1f} {y:.1f} {half:.1f} {to_y:.1f} {to_x:.1f} {to_y:.1f}"


def _node(node: Node, place: tuple[float, float], *, is_focus: bool) -> str:
    x, y = place
    style = _FOCUS if is_focus else _BOX
    label = cut(plain(node.label), _LETTERS)
    status = node.status if node.status in {"error", "interrupted", "failed", "killed"} else ""
    detail = cut(plain(status or node.detail or node.status), _SMALL_LETTERS)
    return (
        f"<g><title>{esc(cut(plain(f'{node.label}: {node.detail}'), 200))}</title>{_shape(node, x, y, style)}"
        f'<text x="{x + 12:.1f}" y="{y + 17:.1f}" style="{_TEXT}">{esc(label)}</text>'
        f'<text x="{x + 12:.1f}" y="{y + 32:.1f}" style="{_QUIET}">{esc(detail)}</text></g>'
    )


def _shape(node: Node, x: float, y: float, style: str) -> str:
    """Its outline says what it is: a cell has a bar, a value is round, a file has a folded corner."""
    right, bottom = x + WIDTH, y + HEIGHT
    if node.kind == "file":
        fold = f"M{x:.1f} {y:.1f}H{right - 12:.1f}L{right:.1f} {y + 12:.1f}V{bottom:.1f}H{x:.1f}Z"
        return f'<path d="{fold}M{right - 12:.1f} {y:.1f}v12h12" style="{style}"/>'
    radius = {"cell": 3, "value": HEIGHT / 2, "run": 10}[node.kind]
    box = f'<rect x="{x:.1f}" y="{y:.1f}" width="{WIDTH}" height="{HEIGHT}" rx="{radius}" style="{style}"/>'
    if node.kind == "cell":
        return f'{box}<path d="M{x + 5:.1f} {y + 4:.1f}V{bottom - 4:.1f}" style="{_LINE};stroke-width:2"/>'
    if node.kind == "run":
        inner = f'x="{x + 3:.1f}" y="{y + 3:.1f}" width="{WIDTH - 6}" height="{HEIGHT - 6}"'
        return f'{box}<rect {inner} rx="7" style="{_LINE};stroke-opacity:0.4"/>'
    return box


def _steps(graph: Graph) -> str:
    """The executions in their order, with what each read and made."""
    labels = {node.id: node.label for node in graph.nodes}
    read: defaultdict[str, list[str]] = defaultdict(list)
    made: defaultdict[str, list[str]] = defaultdict(list)
    cells = sorted((node for node in graph.nodes if node.kind == "cell"), key=lambda node: node.order)
    of_cells = {cell.id for cell in cells}
    for edge in graph.edges:
        is_state = {edge.source, edge.target} <= of_cells
        read[edge.target].append(f"state of {labels[edge.source]}" if is_state else labels[edge.source])
        made[edge.source] += [] if is_state else [labels[edge.target]]
    rows = [
        [cell_html(cell.label), cell_html(cell.detail), _listed(read[cell.id]), _listed(made[cell.id])]
        for cell in cells[:STEPS]
    ]
    if not rows:
        return ""
    more = f"The first {STEPS} of {len(cells):,} steps" if len(cells) > STEPS else "Step by step"
    return table_html(("cell", "code", "read", "made"), rows, esc(more))


def _listed(names: list[str]) -> str:
    shown = ", ".join(cell_html(name, 30) for name in names[:_NAMES])
    return f"{shown} and {len(names) - _NAMES} more" if len(names) > _NAMES else shown
