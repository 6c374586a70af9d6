"""The compose file, the image and the example deployment hold together, as far as reading shows."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from stream.settings import load
from tests.arch.house import ROOMS, ROOT

COMPOSE: Final = ROOT / "docker-compose.yml"
DEPLOY: Final = ROOT / "deploy"
VARIABLE: Final = re.compile(r"\$\{(\w+)(?::-([^}]*))?\}")


def filled(text: str) -> str:
    """Replace `${NAME:-default}` by its default, as compose does in an empty environment."""
    return VARIABLE.sub(lambda found: found[2] or "", text)


def compose() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(filled(COMPOSE.read_text(encoding="utf-8")))
    return found


SERVICES: Final = compose()["services"]
WORKERS: Final = sorted(name for name in SERVICES if name.startswith("worker"))
OURS: Final = (*WORKERS, "topics", "ledger")


def test_the_compose_file_follows_the_compose_schema() -> None:
    done = subprocess.run(
        [
            Path(sys.executable).with_name("check-jsonschema"),
            "--builtin-schema",
            "vendor.compose-spec",
            COMPOSE,
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_schema_would_see_a_misspelt_key(tmp_path: Path) -> None:
    wrong = tmp_path / "docker-compose.yml"
    wrong.write_text(COMPOSE.read_text(encoding="utf-8").replace("restart:", "restrat:", 1))
    done = subprocess.run(
        [
            Path(sys.executable).with_name("check-jsonschema"),
            *("--builtin-schema", "vendor.compose-spec", "--output-format", "json", wrong),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "restrat" in json.dumps(json.loads(done.stdout))


def test_there_are_kafka_topics_two_workers_the_ledger_and_prometheus() -> None:
    wanted = {"kafka", "topics", "worker-1", "worker-2", "ledger", "prometheus"}
    assert set(SERVICES) == wanted


def test_no_obsolete_version_is_written() -> None:
    assert "version" not in compose()


def test_every_named_volume_is_declared_and_used() -> None:
    named = {
        volume.split(":")[0]
        for service in SERVICES.values()
        for volume in service.get("volumes", [])
        if not volume.startswith((".", "/"))
    }
    assert named == set(compose()["volumes"])


def test_every_mounted_file_is_in_the_project() -> None:
    mounted = {
        volume.split(":")[0]
        for service in SERVICES.values()
        for volume in service.get("volumes", [])
        if volume.startswith(".")
    }
    assert mounted
    assert [path for path in sorted(mounted) if not (ROOT / path).exists()] == []


@pytest.mark.parametrize("name", SERVICES)
def test_ports_are_published_on_the_loopback_only(name: str) -> None:
    assert all(port.startswith("127.0.0.1:") for port in SERVICES[name].get("ports", []))


def test_no_two_services_publish_one_port() -> None:
    ports = [port.split(":")[1] for one in SERVICES.values() for port in one.get("ports", [])]
    assert len(ports) == len(set(ports))


@pytest.mark.parametrize("name", SERVICES)
def test_every_image_has_an_exact_tag(name: str) -> None:
    _, _, tag = SERVICES[name]["image"].rpartition(":")
    assert re.search(r"\d+\.\d+", tag), SERVICES[name]["image"]


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_waits_only_for_what_can_happen(name: str) -> None:
    for other, wait in SERVICES[name].get("depends_on", {}).items():
        assert other in SERVICES
        assert not SERVICES[other].get("profiles")
        if wait["condition"] == "service_healthy":
            assert "healthcheck" in SERVICES[other]
        if wait["condition"] == "service_completed_successfully":
            assert SERVICES[other]["restart"] == "no", "a restarted one-shot never completes"


def test_kafka_listeners_have_a_protocol_and_an_address_each() -> None:
    env = SERVICES["kafka"]["environment"]

    def names(key: str) -> set[str]:
        return {part.split(":")[0] for part in env[key].split(",")}

    controller = {env["KAFKA_CONTROLLER_LISTENER_NAMES"]}
    assert names("KAFKA_LISTENERS") == names("KAFKA_LISTENER_SECURITY_PROTOCOL_MAP")
    assert names("KAFKA_ADVERTISED_LISTENERS") == names("KAFKA_LISTENERS") - controller
    assert env["KAFKA_INTER_BROKER_LISTENER_NAME"] in names("KAFKA_ADVERTISED_LISTENERS")


def test_kafka_never_makes_a_topic_by_itself_and_keeps_its_log() -> None:
    kafka = SERVICES["kafka"]
    assert kafka["environment"]["KAFKA_AUTO_CREATE_TOPICS_ENABLE"] == "false"
    kept = [volume.split(":")[1] for volume in kafka["volumes"]]
    assert kafka["environment"]["KAFKA_LOG_DIRS"] in kept


@pytest.mark.parametrize("name", OURS)
def test_ours_run_without_rights(name: str) -> None:
    ours = SERVICES[name]
    assert ours["user"] == "10001:10001"
    assert ours["read_only"] is True
    assert ours["cap_drop"] == ["ALL"]
    assert ours["init"] is True


@pytest.mark.parametrize("name", OURS)
def test_ours_start_with_settings_that_are_valid(name: str) -> None:
    ours = SERVICES[name]
    advertised = SERVICES["kafka"]["environment"]["KAFKA_ADVERTISED_LISTENERS"]
    settings = load(DEPLOY / "crowdtide.toml", env=ours["environment"], sets=[])
    assert f"PLAINTEXT://{settings.kafka.bootstrap}" in advertised.split(",")
    assert "--config" in ours["command"]
    targets = [volume.split(":")[1] for volume in ours["volumes"]]
    assert ours["command"][-1] in targets


def test_workers_have_names_of_their_own_and_time_to_leave() -> None:
    ids = [SERVICES[name]["environment"]["CROWD_WORKER__ID"] for name in WORKERS]
    assert ids == WORKERS
    assert all(SERVICES[name]["stop_grace_period"] == "45s" for name in WORKERS)
    assert all(SERVICES[name]["restart"] == "unless-stopped" for name in WORKERS)


def test_the_ledger_writes_to_a_volume_that_its_user_may_write_to() -> None:
    ledger = SERVICES["ledger"]
    folder = str(Path(ledger["environment"]["CROWD_LEDGER__FILE"]).parent)
    assert folder in [volume.split(":")[1] for volume in ledger["volumes"]]
    # A named volume takes its owner from the image's folder.
    image = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
    assert f"install -d -o 10001 -g 10001 {folder}" in image


def test_prometheus_scrapes_every_worker_and_the_ledger_and_reads_the_rules() -> None:
    config = yaml.safe_load((DEPLOY / "prometheus" / "prometheus.yml").read_text(encoding="utf-8"))
    (job,) = config["scrape_configs"]
    (targets,) = (static["targets"] for static in job["static_configs"])
    port = SERVICES["ledger"]["environment"]["CROWD_LEDGER__WEB_PORT"]
    assert targets == [*(f"{name}:6066" for name in WORKERS), f"ledger:{port}"]
    assert [(DEPLOY / "prometheus" / file).is_file() for file in config["rule_files"]] == [True]


def test_the_image_holds_every_room_and_runs_as_nobody() -> None:
    text = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", text, re.MULTILINE)
    sources = {word for line in copied for word in line.split()}
    assert set(ROOMS) <= sources
    assert {source for source in sources if not (ROOT / source).exists()} == set()
    assert {s for s in sources if f"!{s}" not in ignored and f"!{s}/" not in ignored} == set()
    assert re.search(r"^USER 10001:10001$", text, re.MULTILINE)
    assert "--require-hashes" in text
    assert "latest" not in text


def test_the_image_installs_what_was_tested() -> None:
    def pins(path: Path) -> set[str]:
        return set(re.findall(r"^(\S+==\S+)", path.read_text(encoding="utf-8"), re.MULTILINE))

    image = pins(DEPLOY / "requirements.lock")
    assert image
    assert image <= pins(ROOT / "requirements.lock")
