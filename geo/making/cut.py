"""Cut polygons along the lines of the tiles: what of a layer lies on each tile, in bounded time.

Laying a coast of a hundred thousand corners on every tile would look at all of its corners for
every tile. So polygons with many corners are halved first, again and again, always on a tile line
and along the longer axis, until a piece has few corners or lies on one tile. Every cut depends on
one polygon alone, which makes the work free to be shared between threads: they change no bit.
"""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final, TypeVar

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.coverage import runs, tile_span, tiles_of

# More than a small machine has cores; the geometry engine lets the others run.
THREADS: Final = 4
# Of a piece that is laid on tiles as it is: few enough to look at all of them for every tile.
CORNERS_MAX: Final = 64
# Pairs of a piece and a tile in one go: small beside any build, so that all threads have work.
RUN_PAIRS: Final = 10_000
# A hand's breadth of ground, 10 cm x 10 cm. Two drawings of one line differ by no more once their
# corners are rounded to a micrometre, so less is no meeting of two shapes.
MEETING_M2_MIN: Final = 0.01
EMPTY: Final = shapely.Polygon()

POLYGON: Final = 3
MULTIPOLYGON: Final = 6
# More than twice any column, so that one number stands for a row and a column, in their order.
KEY: Final = 1 << 24

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pieces:
    """Parts of polygons on tiles; all arrays have shape (pieces,).

    row, col: of the tile, relative to the plane's origin. shape: (Multi)Polygon in the plane.
    """

    row: NDArray[np.int64]
    col: NDArray[np.int64]
    shape: NDArray[np.object_]


def side_by_side(
    work: Callable[[NDArray[Any]], Result], parts: Iterable[NDArray[Any]]
) -> list[Result]:
    """Do the same work on every part, on all cores; results come in the order of the parts.

    A prepared polygon may be used by one thread at a time, so no two parts may share one.
    """
    listed = list(parts)
    if len(listed) == 1:
        return [work(listed[0])]
    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(work, listed))


def overlaid(
    operation: Callable[..., NDArray[np.object_]],
    one: NDArray[np.object_],
    other: NDArray[np.object_],
) -> NDArray[np.object_]:
    """Overlay polygons one by one, on all cores, and keep what of the results has an area."""
    # Bounding boxes are made when first asked for: here, not in two threads at once.
    shapely.bounds(one), shapely.bounds(other)
    parts = np.array_split(np.arange(len(one)), max(1, len(one) // RUN_PAIRS))
    done = side_by_side(lambda part: operation(one[part], other[part]), parts)
    return polygonal(np.concatenate(done))


def polygonal(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    """Leave out the points and lines that an overlay yields where polygons only touch.

    >>> lines = shapely.LineString([(0, 0), (1, 1)])
    >>> both = shapely.GeometryCollection([shapely.box(0, 0, 1, 1), lines])
    >>> [shape.geom_type for shape in polygonal(np.array([both, lines]))]
    ['MultiPolygon', 'Polygon']
    """
    out = np.array(shapes, dtype=np.object_)
    mixed = np.flatnonzero(~np.isin(shapely.get_type_id(shapes), (POLYGON, MULTIPOLYGON)))
    part, owner = shapely.get_parts(out[mixed], return_index=True)
    part, inner = shapely.get_parts(part, return_index=True)
    areal = shapely.get_type_id(part) == POLYGON
    kept = np.full(mixed.size, EMPTY, dtype=np.object_)
    shapely.multipolygons(part[areal], indices=owner[inner][areal], out=kept)
    out[mixed] = kept
    return out


def united(
    parts: NDArray[np.object_], owner: NDArray[np.integer], size: int
) -> NDArray[np.object_]:
    """Unite the parts of each owner, shape (size,); empty where there is none.

    parts: (Multi)Polygons. owner: index, ascending.
    """
    out = np.full(size, EMPTY, dtype=np.object_)
    count = np.bincount(owner, minlength=size)
    alone = count[owner] == 1
    out[owner[alone]] = parts[alone]
    many = np.flatnonzero(count > 1)
    groups = np.empty(many.size, dtype=np.object_)
    shapely.geometrycollections(
        parts[~alone], indices=np.searchsorted(many, owner[~alone]), out=groups
    )
    # Bounding boxes are made when first asked for: here, not in two threads at once.
    shapely.bounds(groups)
    runs_ = np.array_split(groups[:, None], max(1, many.size * 4 // RUN_PAIRS))
    done = side_by_side(lambda run: np.asarray(shapely.union_all(run, axis=1)), runs_)
    out[many] = polygonal(np.concatenate(done))
    return out


def in_order(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    """Sort polygons by what they are, so that the order of a file decides nothing."""
    parts = shapely.get_parts(shapes)
    text = shapely.to_wkb(parts, byte_order=1)
    return np.asarray(parts[sorted(range(len(parts)), key=text.__getitem__)], dtype=np.object_)


def halved(
    shapes: NDArray[np.object_], *, side_m: float, within: NDArray[np.int64]
) -> tuple[NDArray[np.object_], NDArray[np.int64]]:
    """Cut polygons on tile lines until each has few corners or lies on one tile.

    shapes: Polygons. within: first row and column, last row and column: ground beyond may be
    lost. Returns Polygons and the tiles they may touch, shape (pieces, 4), ordered as `within`.
    """
    span = clipped(tile_span(shapes, side_m), within)
    done = [(shapes[:0], span[:0])]
    while len(shapes):
        wide = (span[:, 2] > span[:, 0]) | (span[:, 3] > span[:, 1])
        large = wide & (shapely.get_num_coordinates(shapes) > CORNERS_MAX)
        some = (span[:, 2] >= span[:, 0]) & (span[:, 3] >= span[:, 1])
        done.append((shapes[~large & some], span[~large & some]))
        shapes, span = _halves(shapes[large & some], span[large & some], side_m)
    return np.concatenate([shape for shape, _ in done]), np.concatenate([at for _, at in done])


def on_tiles(shapes: NDArray[np.object_], *, side_m: float, within: NDArray[np.int64]) -> Pieces:
    """Lay a layer on the tiles of `within`: one piece for each tile it has an area on.

    shapes: valid (Multi)Polygons, in any order; where they overlap they count once. Tiles are
    sorted by (row, col).
    """
    pieces, span = halved(in_order(shapes), side_m=side_m, within=within)
    found = side_by_side(lambda run: _laid(pieces, run, side_m), runs(span, pairs=RUN_PAIRS))
    return _merged(
        np.concatenate([part.row for part in found]),
        np.concatenate([part.col for part in found]),
        np.concatenate([part.shape for part in found]),
    )


def tile_boxes(
    row: NDArray[np.int64], col: NDArray[np.int64], side_m: float
) -> NDArray[np.object_]:
    """Squares of tiles, shape (tiles,)."""
    return np.asarray(
        shapely.box(col * side_m, row * side_m, (col + 1) * side_m, (row + 1) * side_m),
        dtype=np.object_,
    )


def key_of(row: NDArray[np.int64], col: NDArray[np.int64]) -> NDArray[np.int64]:
    """One number a tile; ascending where tiles are sorted by (row, col)."""
    return row * KEY + col


def place_of(key: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Row and column of tiles given by their keys.

    >>> place_of(key_of(np.array([-3, 0, 7]), np.array([-5, -1, 2])))
    (array([-3,  0,  7]), array([-5, -1,  2]))
    """
    row = (key + KEY // 2) // KEY
    return row, key - row * KEY


def find(keys: NDArray[np.int64], wanted: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return where each wanted key stands among ascending keys; -1 where it does not.

    >>> find(np.array([2, 5]), np.array([5, 7, 0]))
    array([ 1, -1, -1])
    """
    if not keys.size:
        return np.full(wanted.size, -1)
    at = np.minimum(np.searchsorted(keys, wanted), keys.size - 1)
    return np.where(keys[at] == wanted, at, -1)


def clipped(span: NDArray[np.int64], within: NDArray[np.int64]) -> NDArray[np.int64]:
    """Part of each span within the given one; ends before it begins where there is none."""
    return np.column_stack(
        (np.maximum(span[:, :2], within[:2]), np.minimum(span[:, 2:], within[2:]))
    )


def reach_of(row: NDArray[np.int64], col: NDArray[np.int64]) -> NDArray[np.int64]:
    """First row and column, last row and column of some tiles, at least one."""
    return np.array([row.min(), col.min(), row.max(), col.max()])


def _halves(
    shapes: NDArray[np.object_], span: NDArray[np.int64], side_m: float
) -> tuple[NDArray[np.object_], NDArray[np.int64]]:
    """Cut each polygon in two on the middle line of its span, along the longer axis."""
    south, west, north, east = span.T
    high = north - south >= east - west
    row, col = np.where(high, (south + north) // 2, north), np.where(high, east, (west + east) // 2)
    first = np.column_stack((south, west, row, col))
    second = np.column_stack(
        (np.where(high, row + 1, south), np.where(high, west, col + 1), north, east)
    )
    halves = np.concatenate((first, second))
    low, top = halves[:, :2] * side_m, (halves[:, 2:] + 1) * side_m
    boxes = shapely.box(low[:, 1], low[:, 0], top[:, 1], top[:, 0])
    cut = overlaid(shapely.intersection, np.concatenate((shapes, shapes)), boxes)
    part, owner = shapely.get_parts(cut, return_index=True)
    full = ~shapely.is_empty(part)
    part, owner = part[full], owner[full]
    # A part may need less than its half; a span that only shrinks brings the cutting to an end.
    own, most = tile_span(part, side_m), halves[owner]
    return part, np.column_stack(
        (np.maximum(own[:, :2], most[:, :2]), np.minimum(own[:, 2:], most[:, 2:]))
    )


def _laid(pieces: NDArray[np.object_], run: NDArray[np.int64], side_m: float) -> Pieces:
    """Lay a run of pieces on the tiles of their spans."""
    index, row, col = tiles_of(run)
    boxes, shape = tile_boxes(row, col, side_m), pieces[index]
    shapely.prepare(pieces[run[:, 0]])
    met = shapely.contains_properly(shape, boxes)
    rim = np.flatnonzero(~met)
    rim = rim[shapely.intersects(shape[rim], boxes[rim])]
    boxes[rim] = polygonal(shapely.intersection(shape[rim], boxes[rim]))
    met[rim] = shapely.area(boxes[rim]) > 0
    return Pieces(row=row[met], col=col[met], shape=boxes[met])


def _merged(row: NDArray[np.int64], col: NDArray[np.int64], shape: NDArray[np.object_]) -> Pieces:
    """Unite the pieces of each tile."""
    key = key_of(row, col)
    order = np.argsort(key, kind="stable")
    tile, owner = np.unique(key[order], return_inverse=True)
    south, west = place_of(tile)
    return Pieces(row=south, col=west, shape=united(shape[order], owner, tile.size))
