"""The shape of a case: which scenes lead where. Pure functions on a mapping from a node to its successors.

A successor stands there once for every choice that leads to it, so paths count choices, not only scenes.
"""

from collections.abc import Iterator, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter

Graph = Mapping[str, Sequence[str]]


def cycle(graph: Graph) -> list[str]:
    """The nodes of a loop, first and last the same; empty when there is none."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        # graphlib reads the mapping as node -> predecessors, so its loop runs backwards.
        return list(reversed(error.args[1]))
    return []


def reachable(graph: Graph, start: str) -> set[str]:
    """Every node that some path from ``start`` meets, ``start`` among them."""
    seen: set[str] = set()
    waiting = [start]
    while waiting:
        node = waiting.pop()
        if node not in seen:
            seen.add(node)
            waiting.extend(graph[node])
    return seen


def endings(graph: Graph) -> list[str]:
    """The nodes where every path through them stops."""
    return [node for node, successors in graph.items() if not successors]


def in_order(graph: Graph) -> list[str]:
    """All nodes so that each comes before what follows it, otherwise in the order of the mapping.

    Raises:
        ValueError: if the graph has a cycle.
    """
    loop = cycle(graph)
    if loop:
        raise ValueError(f"the scenes go round in a circle: {' -> '.join(loop)}")
    before = {node: 0 for node in graph}
    for successors in graph.values():
        for successor in set(successors):
            before[successor] += 1
    order: list[str] = []
    while len(order) < len(graph):
        node = next(name for name in graph if before[name] == 0 and name not in order)
        order.append(node)
        for successor in set(graph[node]):
            before[successor] -= 1
    return order


def paths(graph: Graph, start: str) -> Iterator[tuple[str, ...]]:
    """Every way through, as the nodes it meets; two choices with the same successor are two ways.

    Raises:
        ValueError: if the graph has a cycle.
    """
    in_order(graph)
    return _paths(graph, start)


def _paths(graph: Graph, start: str) -> Iterator[tuple[str, ...]]:
    if not graph[start]:
        yield (start,)
    for successor in graph[start]:
        for rest in _paths(graph, successor):
            yield (start, *rest)


def path_count(graph: Graph, start: str) -> int:
    """How many ways through there are, counted without walking them all.

    Raises:
        ValueError: if the graph has a cycle.
    """
    ways: dict[str, int] = {}
    for node in reversed(in_order(graph)):
        ways[node] = sum(ways[successor] for successor in graph[node]) if graph[node] else 1
    return ways[start]


def decisions(graph: Graph, start: str) -> tuple[int, int]:
    """The fewest and the most decisions on a way from ``start`` to an ending.

    Raises:
        ValueError: if the graph has a cycle.
    """
    depth: dict[str, tuple[int, int]] = {}
    for node in reversed(in_order(graph)):
        below = [depth[successor] for successor in graph[node]]
        depth[node] = (1 + min(d[0] for d in below), 1 + max(d[1] for d in below)) if below else (0, 0)
    return depth[start]
