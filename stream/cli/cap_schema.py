"""A CAP message held against the official schema of OASIS, and then against `alerts.cap.check`."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any

from alerts.cap import faults_of

__all__ = ["faults"]

MISSING = "cannot be checked without lxml: pip install 'crowdtide[cap]'"


@cache
def _schema() -> tuple[Any, Any]:
    """Return the parser and the schema; a parser that loads nothing and expands nothing."""
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    text = files("alerts.cap").joinpath("CAP-v1.2.xsd").read_bytes()
    return parser, etree.XMLSchema(etree.fromstring(text, parser))


def faults(xml: bytes) -> list[str]:
    """Return what is wrong with a message, each fault in one line; an empty list = valid."""
    try:
        parser, schema = _schema()
    except ImportError:
        return [MISSING]
    from lxml import etree

    try:
        root = etree.fromstring(xml, parser)
    except etree.XMLSyntaxError as fault:
        return [f"no XML: {fault}"]
    if not schema.validate(root):
        return [f"line {one.line}: {one.message}" for one in schema.error_log]
    return faults_of(root)
