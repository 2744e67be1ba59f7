"""The lines of a table as rows of cells, each cell in its column."""

from collections.abc import Sequence
from itertools import pairwise

from radcite.ingestion.pdf.text import Line, shares_row

__all__ = ["rows_of"]

_Cell = list[Line]


def rows_of(lines: Sequence[Line]) -> list[list[_Cell]]:
    """The rows of a table from top to bottom.

    The columns are those of the rows with the most cells, where these agree; a cell stands in the column below or
    above which most of it lies, and what has none is empty. One that spans several columns stands in the first.
    """
    rows = _rows(lines)
    columns = _columns(rows)
    return [_placed(row, columns) for row in rows] if columns else rows


def _rows(lines: Sequence[Line]) -> list[list[_Cell]]:
    rows: list[list[_Cell]] = []
    before: Line | None = None
    for line in lines:
        if before is None or _opens_row(rows[-1], line):
            rows.append([[line]])
        elif _wraps(before, line):
            rows[-1][-1].append(line)
        else:
            rows[-1].append([line])
        before = line
    return rows


def _opens_row(row: Sequence[_Cell], line: Line) -> bool:
    bottom = max(each.box[3] for cell in row for each in cell)
    return line.box[1] > bottom - 0.3 * line.size and not _wraps(row[-1][-1], line)


def _wraps(before: Line, line: Line) -> bool:
    """Whether a line goes on in the cell of the line before it."""
    gap = line.box[1] - before.box[3]
    close = -0.5 * line.size < gap < 0.25 * line.size
    return (
        close
        and abs(line.box[0] - before.box[0]) < 0.8 * line.size
        and not shares_row(before, line)
    )


def _columns(rows: Sequence[Sequence[_Cell]]) -> list[tuple[float, float]]:
    """Where the columns begin and end; nothing where the fullest rows do not tell them apart."""
    most = max(map(len, rows))
    if most == 1:
        return []
    columns: list[tuple[float, float]] = []
    for cells in zip(*(row for row in rows if len(row) == most), strict=True):
        ends = [_reach(cell) for cell in cells]
        columns.append((min(start for start, _ in ends), max(end for _, end in ends)))
    apart = all(a[1] <= b[0] for a, b in pairwise(columns))
    return columns if apart else []


def _placed(row: list[_Cell], columns: Sequence[tuple[float, float]]) -> list[_Cell]:
    """A row with an empty cell for each column it leaves out; as it is where two of its cells share a column."""
    if len(row) == 1:
        return row
    places = [_column_of(cell, columns) for cell in row]
    if sorted(set(places)) != places:
        return row
    placed: list[_Cell] = [[] for _ in range(places[-1] + 1)]
    for place, cell in zip(places, row, strict=True):
        placed[place] = cell
    return placed


def _column_of(cell: _Cell, columns: Sequence[tuple[float, float]]) -> int:
    start, end = _reach(cell)
    shared = [min(end, right) - max(start, left) for left, right in columns]
    under = [place for place, width in enumerate(shared) if width > 0]
    return under[0] if under else max(range(len(columns)), key=shared.__getitem__)


def _reach(cell: _Cell) -> tuple[float, float]:
    return min(line.box[0] for line in cell), max(line.box[2] for line in cell)
