"""The command line: one file a command, and nothing heavy is loaded before a command runs.

Commands read settings, call a room below and print; they decide nothing. Every one has `--help`
with an example, ends with 0 (done), 1 (nothing usable in the input, or refused) or 2 (usage,
settings), and tells an operator's mistake in one clear line, never as a traceback.
"""

from stream.cli.group import main

__all__ = ["main"]
