"""The words of a month's report by language."""

from typing import Final

from stream.cli.month_words_en import EN
from stream.cli.month_words_zh import ZH

__all__ = ["WORDS"]

WORDS: Final[dict[str, dict[str, str]]] = {"zh-CN": ZH, "en": EN}
"""Language to texts; a test holds their keys, and the names inside them, equal."""
