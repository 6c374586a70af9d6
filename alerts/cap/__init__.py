"""One published alert as a CAP message: OASIS CAP 1.2, and the Chinese platform's dialect.

Both are made of the same facts (`facts`), which are those of the event and no others. Pure: no
files, no clock. The XSD beside these files is the official one of OASIS; `check` holds a message
against the rules that it does not know.
"""

from alerts.cap.check import faults_of
from alerts.cap.chinese import chinese_xml
from alerts.cap.facts import CapError, CapEvent, CapSender, Chain, event_of
from alerts.cap.oasis import oasis_xml

__all__ = [
    "CapError",
    "CapEvent",
    "CapSender",
    "Chain",
    "chinese_xml",
    "event_of",
    "faults_of",
    "oasis_xml",
]
