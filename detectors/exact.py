"""Elementary functions whose bits are the same on every processor: exp, log, cbrt, clamp, decay.

Library versions of exp, log and cbrt may differ in the last bit between processors and between
their scalar and vector paths; a replay must not. Everything here is built from + - * / , rint
and exact scaling by powers of two in float64, one rounding after the other, so IEEE 754 fixes
each bit. They agree with numpy to about 1e-13 relative (tested to 1e-12). No fractional power,
no `math.exp` anywhere else in this room.
"""

from functools import lru_cache
from typing import Any, Final, TypeVar

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
AnyFloats = TypeVar("AnyFloats", bound=NDArray[np.floating[Any]])

# ln 2 in two parts: the high part has 21 trailing zero bits, so k * high is exact for any k here.
_LN2_HIGH: Final = float.fromhex("0x1.62e42fee00000p-1")
_LN2_LOW: Final = float.fromhex("0x1.a39ef35793c76p-33")
_PER_LN2: Final = float.fromhex("0x1.71547652b82fep+0")
# Beyond this the result would leave the normal float64 numbers; arguments are held there.
_EXP_MAX: Final = 700.0
# Magnitudes below this have cube root zero; nothing we count is that small.
_CBRT_MIN: Final = 1e-300
# Adding this to a third of the bit pattern (a third of the exponent) starts cbrt within 6 %.
_CBRT_START: Final = 715_094_163 << 32
# log: mantissas below sqrt(1/2) are doubled, so the series runs on |f| <= 0.172.
_SQRT_HALF: Final = float.fromhex("0x1.6a09e667f3bcdp-1")
_LOG_TERMS: Final = 10
# Below this many elements a call costs more than its elements.
FEW: Final = 2048


def exp(x: Floats) -> Floats:
    """Return e to the power x; arguments beyond +-700 are held there, x must not be NaN.

    x = k ln 2 + r with |r| <= 0.347; e^r from the series of r coth(r/2) (Bernoulli numbers).

    >>> exp(np.array([0.0, 1.0]))
    array([1.        , 2.71828183])
    """
    r = clamp(x, -_EXP_MAX, _EXP_MAX)
    k = r * _PER_LN2
    np.rint(k, out=k)
    s = k * _LN2_HIGH
    r -= s
    np.multiply(k, _LN2_LOW, out=s)
    r -= s
    t = r * r
    np.multiply(t, -1.0 / 604_800.0, out=s)
    s += 1.0 / 15_120.0
    s *= t
    s -= 1.0 / 360.0
    s *= t
    s += 1.0 / 6.0
    s *= t
    s += 2.0
    s -= r
    r += r
    r /= s
    r += 1.0
    scaled: Floats = np.ldexp(r, k.astype(np.int32), out=r)
    return scaled


def log(x: Floats) -> Floats:
    """Return the natural logarithm of x > 0 (normal float64 numbers; NaN or x <= 0 is our bug).

    x = 2^e m with m in [0.707, 1.414); ln m = 2 artanh f with f = (m - 1) / (m + 1).

    >>> log(np.array([1.0, 10.0]))
    array([0.        , 2.30258509])
    """
    values = np.asarray(x, dtype=np.float64)
    if not bool(np.all(values > 0.0)):
        raise ValueError("log needs positive numbers")
    m, e = np.frexp(values)
    small = m < _SQRT_HALF
    m = np.where(small, m + m, m)
    power = e.astype(np.float64) - small
    f = (m - 1.0) / (m + 1.0)
    t = f * f
    s = np.full_like(t, 1.0 / (2 * _LOG_TERMS + 1))
    for n in range(_LOG_TERMS - 1, -1, -1):
        s = s * t + 1.0 / (2 * n + 1)
    return np.asarray(power * _LN2_HIGH + (power * _LN2_LOW + (f + f) * s))


def cbrt(x: Floats) -> Floats:
    """Return the real cube root of x (finite; magnitudes below 1e-300 count as zero).

    A third of the exponent as a first guess, then two Halley steps (each cubes the error).

    >>> cbrt(np.array([0.0, 8.0, -27.0]))
    array([ 0.,  2., -3.])
    """
    size = np.abs(np.asarray(x, dtype=np.float64))
    # Unsigned: a third of a number without a sign is faster.
    bits = size.view(np.uint64) // 3
    bits += np.uint64(_CBRT_START)
    y = bits.view(np.float64)
    twice = size + size
    cube, above = np.empty_like(y), np.empty_like(y)
    for _ in range(2):
        np.multiply(y, y, out=cube)
        cube *= y
        np.add(cube, twice, out=above)
        cube += cube
        cube += size
        above /= cube
        y *= above
    np.copyto(y, 0.0, where=size < _CBRT_MIN)
    return np.copysign(y, x, out=y)


def exp_scalar(x: float) -> float:
    """Return e to the power x for a constant, by the same steps as `exp`.

    >>> exp_scalar(0.0)
    1.0
    """
    return float(exp(np.array([x]))[0])


def log_scalar(x: float) -> float:
    """Return the natural logarithm of a constant, by the same steps as `log`.

    >>> log_scalar(1.0)
    0.0
    """
    return float(log(np.array([x]))[0])


@lru_cache(maxsize=256)
def decay(ratio: float) -> float:
    """Return e^-ratio, the share a leaky memory keeps after `ratio` of its time constant.

    Remembered, because detectors ask for the same few constants every hop.

    >>> round(decay(1.0), 6)
    0.367879
    """
    return exp_scalar(-ratio)


def clamp(x: AnyFloats, lowest: float | AnyFloats, highest: float | AnyFloats) -> AnyFloats:
    """Hold x between two limits; NaN stays NaN, and a zero held at zero has no sign.

    Two ufuncs are faster than np.clip on few tiles and where limits are arrays; on many tiles
    a ufunc with one number is slow. The bits are the same.

    >>> clamp(np.array([-2.0, 0.5, 9.0]), -1.0, 1.0)
    array([-1. ,  0.5,  1. ])
    """
    if x.size < FEW or not (isinstance(lowest, float) and isinstance(highest, float)):
        held: AnyFloats = np.maximum(x, lowest)
        np.minimum(held, highest, out=held)
        return held
    clipped = np.clip(x, lowest, highest, out=np.empty_like(x))
    if lowest == 0.0:
        clipped += 0.0
    return clipped


def at_least(x: AnyFloats, lowest: float) -> AnyFloats:
    """Return x, or the lowest where it is less.

    >>> at_least(np.array([-2.0, 0.5]), 0.0)
    array([0. , 0.5])
    """
    return clamp(x, lowest, float("inf"))
