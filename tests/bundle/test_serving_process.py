"""The bundle as a program: it stands alone, knows its files, loads nothing unsafe and stops when asked."""

from __future__ import annotations

import hashlib
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

from jupyter_mlops.bundle.export import Bundle, BundleSource, export_bundle
from jupyter_mlops.bundle.runtime.manifest import digest_of
from jupyter_mlops.snapshot.schema import infer_schema

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

# Runs serve.py where importing this package, MLflow or IPython fails, as on a machine without them.
ALONE = """
import runpy, sys

class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {"jupyter_mlops", "mlflow", "IPython", "pyarrow", "psutil"}:
            raise ModuleNotFoundError(name)

sys.meta_path.insert(0, Absent())
sys.argv = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name="__main__")
"""


def run(bundle: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(bundle / "serve.py"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)


@contextmanager
def serving(command: list[str], **options: Any) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A server on a free port; gives the process and its host:port."""
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen([*command, "--port", "0"], text=True, **pipes, **options) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        try:
            assert " at http" in line, process.stderr and process.stderr.read()
            yield process, line.strip().rpartition("//")[2]
        finally:
            process.kill()


def ask(address: str, method: str, path: str, body: Any = None) -> tuple[int, Any]:
    connection = http.client.HTTPConnection(address, timeout=60)
    connection.request(method, path, body and json.dumps(body), {"Content-Type": "application/json"})
    answer = connection.getresponse()
    text = answer.read()
    connection.close()
    return answer.status, json.loads(text) if text else None


def reseal(bundle: Path) -> None:
    """Make the manifest agree with the files, as someone who tampers on purpose would."""
    manifest = json.loads((bundle / "bundle.json").read_text())
    for name, entry in manifest["files"].items():
        entry["sha256"] = hashlib.sha256((bundle / name).read_bytes()).hexdigest()
    manifest["digest"] = digest_of(manifest)
    (bundle / "bundle.json").write_text(json.dumps(manifest))


def test_it_serves_where_this_package_cannot_be_imported(
    exported: Bundle, features: pd.DataFrame, model: Any
) -> None:
    rows = json.loads(features[2000:2020].to_json(orient="records"))
    command = [sys.executable, "-I", "-c", ALONE, str(exported.path / "serve.py"), "serve"]
    with serving(command, cwd="/") as (_, address):
        answer = ask(address, "POST", "/invocations", {"dataframe_records": rows})
    assert answer == (200, {"predictions": model.predict(features[2000:2020]).tolist()})


def test_a_fresh_bundle_verifies_and_checks(exported: Bundle) -> None:
    done = run(exported.path, "--check")
    assert done.returncode == 0, done.stderr
    assert exported.digest in done.stdout
    assert "the recorded example was predicted: 5 rows" in done.stdout


def test_verify_names_every_file_that_was_tampered_with(
    exported: Bundle, copy_of: Callable[[], Path]
) -> None:
    bundle = copy_of()
    run(bundle, "--check")  # leaves bytecode caches behind, which are not tampering
    for name in exported.files:
        if name not in {"serve.py", "bundle.json"} and not name.startswith("runtime/"):
            (bundle / name).write_bytes((bundle / name).read_bytes() + b" ")
    with (bundle / "serve.py").open("a") as file:
        file.write("# edited\n")
    with (bundle / "runtime" / "app.py").open("a") as file:
        file.write("# edited\n")
    (bundle / "runtime" / "help.html").unlink()
    (bundle / "numpy_extra.py").write_text("")
    manifest = json.loads((bundle / "bundle.json").read_text())
    manifest["version"] = "99"
    (bundle / "bundle.json").write_text(json.dumps(manifest))
    done = run(bundle, "--verify")
    assert done.returncode == 1
    changed = {name for name in exported.files if not name.startswith("runtime/")} | {"runtime/app.py"}
    assert set(done.stdout.splitlines()) == {f"{name}: changed" for name in changed} | {
        "runtime/help.html: missing",
        "numpy_extra.py: not part of the bundle",
    }


def test_a_changed_model_file_is_not_loaded(copy_of: Callable[[], Path]) -> None:
    bundle = copy_of()
    with (bundle / "model.skops").open("ab") as file:
        file.write(b"x")
    done = run(bundle, "--port", "0")
    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        "error: model.skops is not the file that was exported: its SHA-256 differs from bundle.json.",
        "Export the bundle again.",
    ]


class Explosive:
    """Unpickling this creates a file."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(self.mark),)


def test_a_pickle_in_a_bundle_that_says_skops_is_refused_unopened(
    copy_of: Callable[[], Path], tmp_path: Path
) -> None:
    import pickle

    bundle = copy_of()
    (bundle / "model.skops").write_bytes(pickle.dumps(Explosive(tmp_path / "boom")))
    reseal(bundle)
    done = run(bundle, "--port", "0")
    assert done.returncode == 1
    assert "error: model.skops is no skops file" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "boom").exists()


def test_a_type_nobody_reviewed_is_refused_by_name(copy_of: Callable[[], Path]) -> None:
    import skops.io
    from sklearn.preprocessing import FunctionTransformer

    bundle = copy_of()
    skops.io.dump(FunctionTransformer(os.system), bundle / "model.skops")
    reseal(bundle)
    done = run(bundle, "--port", "0")
    assert done.returncode == 1
    assert "types that nobody reviewed: posix.system" in done.stderr


def test_a_log_that_could_never_be_written_is_told_before_it_serves(exported: Bundle, tmp_path: Path) -> None:
    taken = tmp_path / "log"
    taken.write_text("a file where the folder should be")
    done = run(exported.path, "--port", "0", "--log", str(taken))
    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        f"error: No log can be written to {taken} (File exists).",
        "Name a folder with --log that this user may write to.",
    ]


def test_without_its_packages_it_says_what_to_install(exported: Bundle) -> None:
    command = [sys.executable, "-I", "-S", str(exported.path / "serve.py"), "--check"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 1
    said, fix = done.stderr.splitlines()
    assert said.startswith("error: No module named ")
    assert "requirements.lock" in fix


def test_a_busy_port_is_two_lines_and_exit_code_2(exported: Bundle) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = run(exported.path, "--port", str(port))
    assert done.returncode == 2
    assert done.stderr.splitlines() == [
        f"error: port {port} is busy.",
        "Use --port with another number.",
    ]


@pytest.mark.parametrize("wanted", [signal.SIGTERM, signal.SIGINT])
def test_a_request_to_stop_is_a_clean_end(exported: Bundle, wanted: signal.Signals) -> None:
    with serving([sys.executable, str(exported.path / "serve.py")]) as (process, address):
        assert ask(address, "GET", "/ping")[0] == 200
        process.send_signal(wanted)
        assert process.wait(90) == 0
        assert process.stderr is not None
        assert process.stderr.read() == ""


def test_it_ends_with_its_parent_when_asked_to(exported: Bundle) -> None:
    command = [sys.executable, str(exported.path / "serve.py"), "--until-stdin-closes"]
    with serving(command, stdin=subprocess.PIPE) as (process, address):
        assert ask(address, "GET", "/ping")[0] == 200
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(90) == 0


class Moody:
    """A model of the notebook's own: it fails on some rows, with the row's value in its message."""

    def predict(self, frame: pd.DataFrame) -> Any:
        if (frame["amount"] > 1000).any():
            raise ValueError(f"cannot digest {frame['amount'].max()}")
        return np.where(frame["day"].dt.year > 2000, frame["amount"] / frame["amount"], np.inf)


@pytest.fixture(scope="module")
def pickled(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    import cloudpickle

    folder = tmp_path_factory.mktemp("moody")
    module = sys.modules[__name__]
    cloudpickle.register_pickle_by_value(module)
    (folder / "m.pkl").write_bytes(cloudpickle.dumps(Moody()))
    cloudpickle.unregister_pickle_by_value(module)
    frame = pd.DataFrame(
        {
            "amount": np.array([1.5, 0.0], dtype="float32"),
            "day": pd.to_datetime(["2020-01-01T10:00:00+02:00"] * 2, utc=True).tz_convert("Europe/Berlin"),
            "flag": [True, None],
        }
    )
    example = [{"amount": 1.5, "day": "2020-01-01T09:00:00Z", "flag": None}]
    source = BundleSource(
        "moody", "1", "r", folder / "m.pkl", "cloudpickle", infer_schema(frame), example, {}, {"python": "3"}
    )
    return export_bundle(source, folder / "bundle")


def test_a_chosen_pickle_serves_and_a_failure_reveals_nothing(pickled: Bundle) -> None:
    def body(amount: float, day: str = "2020-01-01T09:00:00Z") -> dict[str, Any]:
        row = {"amount": amount, "day": day, "flag": True}
        return {"inputs": {name: [value] for name, value in row.items()}}

    with serving([sys.executable, str(pickled.path / "serve.py")]) as (process, address):
        assert ask(address, "POST", "/invocations", body(2.0)) == (200, {"predictions": [1.0]})
        # JSON has no infinity and no NaN.
        assert ask(address, "POST", "/invocations", body(2.0, "1999-01-01T00:00:00+01:00")) == (
            200,
            {"predictions": [None]},
        )
        for wrong in ("2020-01-01", "yesterday", "0001-01-01T00:00:00+23:00"):
            status, answer = ask(address, "POST", "/invocations", body(1.0, wrong))
            assert (status, answer["path"]) == (400, "$.inputs.day[0]"), wrong
            assert "ISO 8601" in answer["message"]
        asked = {**body(1.0), "params": {"method": "predict_proba"}}
        assert ask(address, "POST", "/invocations", asked)[0] == 400
        status, answer = ask(address, "POST", "/invocations", body(54321.0))
        assert (status, answer["error_code"]) == (500, "INTERNAL_ERROR")
        assert "54321" not in json.dumps(answer)
        assert "Error:" not in answer["message"]
        process.terminate()
        log = process.communicate(timeout=90)[1]
    assert answer["message"].rpartition(" ")[2] in log
    assert "ValueError" in log
    assert "54321" not in log


def test_a_bundle_that_cannot_predict_its_example_says_it_is_not_ready(copy_of: Callable[[], Path]) -> None:
    bundle = copy_of()
    (bundle / "example.json").write_text("[{}]")
    reseal(bundle)
    with serving([sys.executable, str(bundle / "serve.py")]) as (_, address):
        for path in ("/ping", "/health"):
            status, answer = ask(address, "GET", path)
            assert (status, answer["error_code"]) == (503, "NOT_READY")
        assert ask(address, "GET", "/v2/health/ready") == (503, {"ready": False})
        assert ask(address, "GET", "/v1/models/census%20income")[0] == 503
        assert ask(address, "GET", "/v2/health/live") == (200, {"live": True})
