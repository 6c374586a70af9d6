"""An order to skip a record names exactly one record of one input, or it is refused."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from stream.cli.quarantine import quarantine


@pytest.mark.parametrize(
    ("place", "says"),
    [
        ("readings.v1/2", "TOPIC/PARTITION/OFFSET"),
        ("readings.v1/2/x", "TOPIC/PARTITION/OFFSET"),
        ("readings.v1/-1/5", "TOPIC/PARTITION/OFFSET"),
        ("crowd.readings.v1/2/5", "no input of a worker"),
        ("density.v1/0/5", "no input of a worker"),
    ],
)
def test_what_is_no_record_of_an_input_is_refused(place: str, says: str) -> None:
    result = CliRunner().invoke(quarantine, [place, "--why", "trial"])
    assert result.exit_code == 2
    assert says in result.output


def test_a_reason_is_wanted() -> None:
    assert CliRunner().invoke(quarantine, ["readings.v1/2/5"]).exit_code == 2
