"""What a bundle says to Kubernetes and KServe fits their own schemas, and asks for what the server has."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
import kubernetes_validate
import pytest
import yaml

from jupyter_mlops.bundle.lock import lock_for
from jupyter_mlops.bundle.packaging import PackagingSource, write_packaging
from jupyter_mlops.bundle.runtime.options import read_options

if TYPE_CHECKING:
    from collections.abc import Iterator

KSERVE = json.loads((Path(__file__).parent / "data" / "kserve-0.20.0.json").read_text())["schemas"]
COMPOSE = json.loads((Path(__file__).parent / "data" / "compose-2026-06.json").read_text())["schema"]
OUR_KUBERNETES = {"Deployment", "Service", "HorizontalPodAutoscaler", "PodDisruptionBudget"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The packaging of a bundle, without the rest of it."""
    made = tmp_path_factory.mktemp("packaging")
    (made / "model.bin").write_bytes(bytes(50_000_000))
    write_packaging(made, PackagingSource("Census: 7", "3", "0a", "compiled", "3.11", lock_for("compiled")))
    return made


def documents(folder: Path) -> Iterator[dict[str, Any]]:
    for file in sorted(folder.glob("*.yaml")):
        yield from yaml.safe_load_all(file.read_text())


def strict(schema: Any) -> Any:
    """A schema of a custom resource, which also refuses fields it does not name: the server drops those."""
    if isinstance(schema, list):
        return [strict(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    made = {key: strict(value) for key, value in schema.items()}
    if isinstance(schema.get("properties"), dict) and schema.get("type") == "object":
        made.setdefault("additionalProperties", False)
    return made


@pytest.mark.parametrize("release", ["1.30", "1.34"])
def test_kubernetes_takes_the_manifests(folder: Path, release: str) -> None:
    found = [each for each in documents(folder / "kubernetes") if each["kind"] != "Kustomization"]
    assert {each["kind"] for each in found} == OUR_KUBERNETES
    for each in found:
        kubernetes_validate.validate(each, release, strict=True)
        assert each["metadata"]["name"] == "census-7"
    found[0]["spec"]["replica"] = 3
    with pytest.raises(kubernetes_validate.ValidationError, match="replica"):
        kubernetes_validate.validate(found[0], release, strict=True)


def test_kserve_takes_the_manifests(folder: Path) -> None:
    found = list(documents(folder / "kserve"))
    assert sorted(each["kind"] for each in found) == [
        "InferenceService",
        "InferenceService",
        "ServingRuntime",
    ]
    for each in found:
        jsonschema.validate(each, strict(KSERVE[f"{each['apiVersion']} {each['kind']}"]))
    service = next(each for each in found if "containers" in each["spec"].get("predictor", {}))
    service["spec"]["predictor"]["containers"][0]["port"] = 8080
    with pytest.raises(jsonschema.ValidationError, match="port"):
        jsonschema.validate(service, strict(KSERVE["serving.kserve.io/v1beta1 InferenceService"]))


@pytest.mark.skipif(not shutil.which("kubectl"), reason="kubectl is not installed")
def test_kustomize_puts_another_image_in_without_a_change_in_the_bundle(folder: Path, tmp_path: Path) -> None:
    shutil.copytree(folder / "kubernetes", tmp_path / "bundle" / "kubernetes")
    said = (folder / "kubernetes" / "kustomization.yaml").read_text()
    (tmp_path / "mine").mkdir()
    lines = re.findall(r"`(\w+: \[.*?\])`", said)
    assert len(lines) == 2
    (tmp_path / "mine" / "kustomization.yaml").write_text("\n".join(lines))
    command = ["kubectl", "kustomize", str(tmp_path / "mine")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    made = {each["kind"]: each for each in yaml.safe_load_all(done.stdout)}
    assert set(made) == OUR_KUBERNETES
    image = made["Deployment"]["spec"]["template"]["spec"]["containers"][0]["image"]
    assert image == "registry.example.com/census-7:3"


def test_pods_run_as_nobody_in_a_filesystem_they_cannot_write(folder: Path) -> None:
    deployment = next(each for each in documents(folder / "kubernetes") if each["kind"] == "Deployment")
    pod = deployment["spec"]["template"]["spec"]
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["automountServiceAccountToken"] is False
    for each in documents(folder / "kserve"):
        pods = [pod, each["spec"].get("predictor", each["spec"])]
        for container in [one for those in pods for one in those.get("containers", ())]:
            assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
            assert container["securityContext"]["allowPrivilegeEscalation"] is False
    # 128 MB for a compiled bundle's server and four times the model, up to the next 64; then for requests
    assert pod["containers"][0]["resources"]["requests"]["memory"] == "384Mi"
    assert pod["containers"][0]["resources"]["limits"]["memory"] == "896Mi"


def test_compose_takes_its_file_and_starts_what_is_there(folder: Path) -> None:
    (composed,) = documents(folder)
    jsonschema.Draft7Validator(COMPOSE).validate(composed)
    services = composed["services"]
    assert set(services) == {"model", "prometheus", "grafana"}
    for service in services.values():
        assert all(port.startswith("127.0.0.1:") for port in service["ports"])
        for volume in service["volumes"]:
            place = volume.partition(":")[0]
            assert place in composed["volumes"] or (folder / place).exists(), place
    for name in composed["configs"]:
        assert yaml.safe_load(composed["configs"][name]["content"])["apiVersion"] == 1


def test_servers_are_started_with_options_that_they_have(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "".join(file.read_text() for file in folder.rglob("*.yaml"))
    (runtime,) = [each for each in documents(folder / "kserve") if each["kind"] == "ServingRuntime"]
    variables = set(re.findall(r"\bSERVE_\w+", text))
    for variable in variables:
        monkeypatch.setenv(variable, "1")
    options = read_options(runtime["spec"]["containers"][0]["args"])
    for variable in variables:
        found = getattr(options, variable.removeprefix("SERVE_").lower())
        assert str(found) in {"1", "1.0", "True"}, variable
