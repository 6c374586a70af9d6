"""Laws of the command line: help, exit codes, one clear line for what an operator can mend."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from stream.cli.group import COMMANDS, Lazy, _crowdtide, main
from stream.cli.options import spoken
from tests.cli.outside import outside

EXAMPLES = Path(__file__).parent / "examples"
SAMPLES = Path(__file__).parents[2] / "replay" / "samples"
HEAVY = ("numpy", "shapely", "kafka", "aiokafka", "faust", "holidays", "msgspec")


def call(*arguments: str) -> Result:
    """Run a command in this process."""
    return CliRunner(env={"LANG": "en"}).invoke(_crowdtide, arguments)


def leaves(group: click.Group, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """Return the path of every command that does something."""
    ctx = click.Context(group)
    found: list[tuple[str, ...]] = []
    for name in group.list_commands(ctx):
        command = group.get_command(ctx, name)
        here = (*path, name)
        found += leaves(command, here) if isinstance(command, click.Group) else [here]
    return found


ALL = leaves(Lazy("crowdtide"))


@pytest.mark.parametrize("path", ALL, ids=" ".join)
def test_every_command_has_help_with_an_example(path: tuple[str, ...]) -> None:
    result = call(*path, "--help")
    assert result.exit_code == 0
    assert "\n  Example" in result.output
    assert f"\n    crowdtide {' '.join(path)}" in result.output


RECORDS_ONLY = ("schema list", "schema show", "schema write")
# The page and the schemas are of the types alone; the demo brings settings of its own; a pack is
# made without any,
# and so is a message checked.
OWN_WAY = {"settings-page", "demo", "geo", "cap validate", *RECORDS_ONLY}


@pytest.mark.parametrize(
    "path", [path for path in ALL if OWN_WAY.isdisjoint({path[0], " ".join(path)})], ids=" ".join
)
def test_every_command_takes_settings_alike(path: tuple[str, ...]) -> None:
    result = call(*path, "--help")
    assert "--config" in result.output
    assert "--set" in result.output


def test_help_loads_nothing_heavy() -> None:
    code = (
        "import sys\nfrom stream.cli import main\n"
        "try: main(['--help'])\nexcept SystemExit: pass\n"
        f"print([name for name in {HEAVY} if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"
    assert all(name in done.stdout for name in COMMANDS if name != "settings-page")


def test_the_command_is_installed_under_its_name(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--version"])
    assert ended.value.code == 0
    assert capsys.readouterr().out.startswith("crowdtide, version")


@pytest.mark.parametrize(
    "arguments",
    [
        ("topics", "plan", "--set", "time.hop=3"),
        ("tail", "police", "--set", "time.hop=3"),
        ("backtest", "x.csv", "--set", "time.hop=3"),
        ("run", "--set", "time.hop=3"),
        ("dlq", "list", "--set", "time.hop=3"),
        ("feed", "check", "x.csv", "--set", "time.hop=3"),
        ("replay", "x.csv", "--to-kafka", "--set", "time.hop=3"),
    ],
    ids=" ".join,
)
def test_a_misspelt_setting_is_one_line_and_exit_2(arguments: tuple[str, ...]) -> None:
    result = call(*arguments)
    assert result.exit_code == 2
    assert result.stderr == "--set time.hop: no such setting; instead: time.hop_s\n"
    assert result.stdout == ""


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("nonsense",),
        ("tail", "everyone"),
        ("backtest",),
        ("backtest", "feed.csv"),
        ("run",),
        ("replay", "feed.csv"),
        ("backtest", "feed.csv", "--cells", "c.csv", "--period", "0"),
        ("feed", "check", "feed.csv", "--columns", "start"),
    ],
    ids=" ".join,
)
def test_a_wrong_call_is_exit_2(arguments: tuple[str, ...]) -> None:
    assert call(*arguments).exit_code == 2


@pytest.mark.parametrize(
    "arguments",
    [
        ("topics", "ensure"),
        ("topics", "plan", "--json"),
        ("tail", "fire", "--until-end"),
        ("dlq", "list"),
    ],
    ids=" ".join,
)
def test_no_broker_is_one_line_and_exit_1(arguments: tuple[str, ...]) -> None:
    result = outside(*arguments, "--set", "kafka.bootstrap=127.0.0.1:1", answer_ms=300)
    assert result.returncode == 1
    assert result.stderr.startswith("no broker answers at 127.0.0.1:1 with PLAINTEXT; see")
    assert len(result.stderr.splitlines()) == 1


@pytest.mark.parametrize("path", sorted((EXAMPLES / "good").glob("*.toml")), ids=lambda p: p.stem)
def test_a_good_example_passes_check_config(path: Path) -> None:
    # The city's cells file is on another machine.
    cells = str(SAMPLES / "san_siro.cells.csv")
    result = call("check-config", str(path), "--json", "--set", f"worker.cells={cells}")
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    assert told["ok"] is True
    assert len(told["hash"]) == 16


@pytest.mark.parametrize("path", sorted((EXAMPLES / "bad").glob("*.toml")), ids=lambda p: p.stem)
def test_a_bad_example_fails_check_config_with_a_line_for_each_fault(path: Path) -> None:
    result = call("check-config", str(path))
    assert result.exit_code == 1
    told = json.loads(call("check-config", "--config", str(path), "--json").stdout)
    assert len(result.stderr.splitlines()) == len(told["faults"]) > 0
    for fault, line in zip(told["faults"], result.stderr.splitlines(), strict=True):
        assert fault["what"] in line


def test_check_config_opens_the_cells_file_and_the_certificates(tmp_path: Path) -> None:
    cells = tmp_path / "cells.csv"
    cells.write_text("cell,area_m2\na,-5\n", encoding="utf-8")
    assert call("check-config", "--set", f"worker.cells={cells}").exit_code == 1
    result = call(
        "check-config",
        "--set",
        "kafka.security_protocol=SSL",
        "--set",
        f"kafka.ca_file={tmp_path}/none.pem",
    )
    assert result.exit_code == 1
    assert "kafka.ca_file" in result.stderr
    result = call(
        "check-config", "--set", "kafka.security_protocol=SSL", "--set", f"kafka.ca_file={cells}"
    )
    assert "cannot be used" in result.stderr


def test_the_settings_page_in_docs_is_the_one_the_types_make() -> None:
    page = Path(__file__).parents[2] / "docs" / "settings.md"
    assert page.read_text(encoding="utf-8") == call("settings-page").stdout, "run make docs"


def test_every_setting_is_on_the_page_with_a_reason() -> None:
    rows = [line for line in call("settings-page").stdout.splitlines() if line.startswith("| `")]
    assert len(rows) > 80
    for row in rows:
        assert len(row.split("|")[4].strip()) > 20, row


@pytest.mark.parametrize(
    ("lang", "spoken_as"),
    [("en_US.UTF-8", "en"), ("en", "en"), ("zh_CN.UTF-8", "zh-CN"), ("C.UTF-8", "zh-CN")],
)
def test_the_language_comes_from_lang_then_chinese(lang: str, spoken_as: str) -> None:
    assert spoken(lang) == spoken_as
