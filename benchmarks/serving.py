"""What a prediction costs: bundles beside mlflow, MLServer, BentoML and FastAPI, on one model.

The model has 25 columns, 108 after encoding, and 100 trees. All servers predict the same rows with one worker
and one OpenMP thread; ``wrk`` asks on loopback. In each round every server is started anew, one after the
other, each in an environment of its own in ``.venv-serving``, which the first call makes (this needs a
package index). With ``--quick`` it is mlflow and the bundles in the current environment, and nothing is
installed. Needs ``wrk`` (``apt-get install wrk``).
"""

from __future__ import annotations

import os
import shutil
import sys
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.environments import environment, size_of
from benchmarks.processes import ROOT, open_bench
from benchmarks.runner import Report, interleave
from benchmarks.serving_model import check_answers, make_bodies, make_model
from benchmarks.serving_running import free_ports, running
from benchmarks.serving_servers import SERVERS, Place
from benchmarks.serving_tables import tables

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchmarks.runner import Options
    from benchmarks.serving_model import Bodies, Made

_HOME = ROOT / ".venv-serving"
_IN_THIS = ("mlflow", "bundle, sklearn", "bundle, compiled")
"""What can run in the environment of the project itself."""
_KEPT = ("HOME", "LANG", "PATH", "TMPDIR", "SSL_CERT_FILE")
_WARM, _SECONDS, _QUICK = 1, 4, 1
"""Whole seconds of each load: before anything counts, of what counts, and where it is only tried."""
_NOTES = (
    "CPU: of all processes of a server, divided by the requests they answered.",
    "×: how many times less than mlflow, or more where more is better, in the same round.",
    "median of all rounds (least–greatest). memory: after each load; what processes share counts once.",
    "environment: site-packages without pip, with bytecode.",
    "bundles check each value, count for /metrics and for drift, and log every request.",
)


def measure(options: Options) -> Report:
    """Make the model, then ask all servers in turn."""
    if shutil.which("wrk") is None:
        raise SystemExit("wrk is needed: apt-get install wrk")
    with open_bench() as bench:
        options.say("a model, trained, promoted and exported")
        made = make_model(bench)
        sides: dict[str, Callable[[], dict[str, Any]]] = {}
        sizes: dict[str, int] = {}
        for name in _IN_THIS if options.is_quick else SERVERS:
            server = SERVERS[name]
            home = _HOME / name.replace(", ", "-").lower()
            python = sys.executable
            if not options.is_quick:
                python = environment(home, server.wanted(made.folder), options.say)
                sizes[name] = size_of(python)
            folder = bench.folder / home.name
            folder.mkdir()
            bodies = make_bodies(made, server, folder)
            sides[name] = partial(_one_round, name, python, made, bodies, folder, options)
        found = interleave(sides, options.repeats)
    return Report(tables(found, sizes), _NOTES, {"rounds": found, "environments": sizes})


def _one_round(
    name: str, python: str, made: Made, bodies: Bodies, folder: Path, options: Options
) -> dict[str, Any]:
    """Start a server, ask it in three ways, stop it."""
    options.say(name)
    server = SERVERS[name]
    scratch = folder / "scratch"
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir()
    ports = free_ports(3)
    command = server.command(Place(made.folder, scratch, python, ports))
    env = _environment(python, made, scratch)
    at = made.folder / server.bundle if server.bundle else scratch
    seconds = _QUICK if options.is_quick else _SECONDS
    with running(command, at, ports[0], server.path, folder / "server.log", env, bodies.first) as started:
        check_answers(made, server, bodies, started)
        result: dict[str, Any] = {"start": started.start_seconds, "start_cpu": started.start_cpu}
        for key, file, connections in (
            ("one", bodies.one, 1),
            ("sixteen", bodies.one, 16),
            ("many", bodies.many, 1),
        ):
            started.load(file, connections, _WARM)
            result[key] = asdict(started.load(file, connections, seconds)) | started.memory()
        return result


def _environment(python: str, made: Made, scratch: Path) -> dict[str, str]:
    """As on a machine that has nothing but this server."""
    kept = {key: os.environ[key] for key in _KEPT if key in os.environ}
    one_thread = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    return {
        **kept,
        **one_thread,
        "PATH": os.pathsep.join([str(Path(python).parent), kept.get("PATH", "")]),
        "SERVED_MODEL": str(made.folder / "model.joblib"),
        "BENTOML_HOME": str(scratch / "bentoml"),
        "BENTOML_DO_NOT_TRACK": "True",
        "MLFLOW_DISABLE_TELEMETRY": "true",
    }
