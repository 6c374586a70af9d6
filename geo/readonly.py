"""Mark arrays as read-only: values that cross rooms must not be changed by whoever gets them."""

from typing import Any, TypeVar

from numpy.typing import NDArray

Array = TypeVar("Array", bound=NDArray[Any])


def read_only(array: Array) -> Array:
    """Return the same array with its write flag off; writing to it then raises ValueError."""
    array.setflags(write=False)
    return array
