"""The jars of a Kafka version, copied by Maven when they are first asked for.

They are kept (about 45 MB a version) in the folder that the environment variable
CROWDTIDE_KAFKA_JARS names, or in `.cache/kafka-jars` of the checkout, which git ignores.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Final

__all__ = ["LOG_TAIL", "BrokerError", "jars"]

HERE: Final = Path(__file__).resolve().parent
JARS_VARIABLE: Final = "CROWDTIDE_KAFKA_JARS"
LOG_TAIL: Final = 2_000
"""How much of what a child process said goes into an error, characters."""


class BrokerError(RuntimeError):
    """A real broker could not be had; the text says why."""


def jars(version: str) -> Path:
    """Return the folder with the jars of `version`, copied by Maven if it is not there.

    The folder appears whole or not at all: two test runs at once may both copy, one wins.
    """
    home = Path(os.environ.get(JARS_VARIABLE) or HERE.parents[1] / ".cache" / "kafka-jars")
    folder = home / version
    if folder.is_dir():
        return folder
    if shutil.which("mvn") is None:
        raise BrokerError(f"no Kafka jars in {folder}, and no Maven (mvn) to fetch them")
    home.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=home, prefix=f".{version}-") as staging:
        fresh = Path(staging) / version
        command = ["mvn", "-B", "-q", f"--file={HERE / 'pom.xml'}", "dependency:copy-dependencies"]
        options = [f"-Dkafka.version={version}", f"-DoutputDirectory={fresh}"]
        done = subprocess.run(
            [*command, *options, "-DincludeScope=runtime"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
        if done.returncode:
            said = done.stdout.decode(errors="replace")[-LOG_TAIL:]
            raise BrokerError(f"Maven could not fetch Kafka {version}: {said}")
        try:
            fresh.rename(folder)
        except OSError:
            if not folder.is_dir():
                raise
    return folder
