"""The slow and obvious twin of the ladder: one tile, the marks as told."""


def rung(density: float, rolling: float, occupancy: float, marks: tuple[float, ...]) -> int:
    """Return the rung of one tile."""
    reached = [0]
    reached += [1] if rolling >= marks[0] else []
    reached += [2] if rolling >= marks[1] or occupancy >= 0.8 else []
    reached += [3] if rolling >= marks[2] else []
    reached += [4] if density >= marks[3] or occupancy >= 1.0 else []
    return max(reached)
