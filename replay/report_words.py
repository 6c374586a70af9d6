"""The words of a report page by language."""

from typing import Final

from replay.report_words_en import EN
from replay.report_words_zh import ZH

__all__ = ["WORDS"]

WORDS: Final[dict[str, dict[str, str]]] = {"zh-CN": ZH, "en": EN}
"""Language to texts; a test holds their keys, and the names inside them, equal."""
