"""A canary grows under load and the server stops under load: no request that was taken is lost.

Six seconds here; ``pytest tests/bundle/test_serving_load.py --load-seconds 60 -s`` takes a minute, and says
what it saw.
"""

from __future__ import annotations

import asyncio
import json
import re
import signal
import sys
import urllib.request
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from load_clients import Clients
from test_serving_process import serving

from jupyter_mlops.bundle.choice import Original
from jupyter_mlops.bundle.export import Bundle, BundleSource, export_bundle

if TYPE_CHECKING:
    import subprocess
    from pathlib import Path

    import pandas as pd

CONNECTIONS = 16
SHARES = {"champion": 0.0, "file": 0.2, "call": 0.6}


@pytest.fixture
def pair(
    source: BundleSource, challenger: BundleSource, model: Any, features: pd.DataFrame, tmp_path: Path
) -> Bundle:
    """A compiled champion and a challenger that needs scikit-learn."""
    champion = replace(source, original=Original(model, (features,), "training"))
    return export_bundle(champion, tmp_path / "pair", challenger=challenger)


def follow(address: str, rule: dict[str, Any]) -> None:
    request = urllib.request.Request(
        f"http://{address}/admin/rollout", json.dumps(rule).encode(), {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=90) as answer:
        assert answer.status == 200


async def phase(clients: Clients, name: str, seconds: float) -> None:
    """As long as this, and as many answers as a share can be told by; in the end all of it is answered."""
    clients.phase = name
    await asyncio.sleep(seconds)
    while answered(clients, name) < 200:
        await asyncio.sleep(0.1)
    clients.phase = "between"
    while answered(clients, name) < clients.sent[name]:
        await asyncio.sleep(0.01)


def answered(clients: Clients, name: str) -> int:
    return sum(each.phase == name for each in clients.got)


async def canary(
    clients: Clients, process: subprocess.Popen[str], address: str, file: Path, seconds: float
) -> None:
    """Nobody, a fifth by the file, three fifths by a call, and the end."""
    load = asyncio.create_task(clients.run(CONNECTIONS))
    await phase(clients, "champion", seconds / 6)
    file.with_name("new").write_text('{"mode": "canary", "share": 0.2}')
    file.with_name("new").replace(file)
    await asyncio.sleep(1)
    await phase(clients, "file", seconds / 3)
    await asyncio.to_thread(follow, address, {"mode": "canary", "share": 0.6})
    await phase(clients, "call", seconds / 3)
    clients.phase = "stop"
    process.send_signal(signal.SIGTERM)
    await asyncio.wait_for(load, 120)


def test_a_canary_switch_and_a_stop_under_load_lose_no_request(
    pair: Bundle,
    features: pd.DataFrame,
    model: Any,
    other_model: Any,
    tmp_path: Path,
    request: pytest.FixtureRequest,
) -> None:
    seconds = request.config.getoption("--load-seconds")
    rows = json.loads(features[1000:1100].to_json(orient="records"))
    bodies = [json.dumps({"dataframe_records": [row]}).encode() for row in rows]
    file = tmp_path / "rollout.json"
    with serving([sys.executable, str(pair.path / "serve.py"), "--rollout", str(file)]) as (process, address):
        clients = Clients(address, bodies)
        asyncio.run(canary(clients, process, address, file, seconds))
        said, complained = process.communicate(timeout=120)
    assert (process.returncode, complained) == (0, "")
    got = clients.got
    assert {each.status for each in got} == {200}
    # The server counted what it read: each of these, and the one call that changed the rule, was answered.
    taken, answered = map(int, re.findall(r"\d+", said.splitlines()[-1]))
    assert taken == answered == len(got) + 1
    by_phase = Counter((each.phase, each.version) for each in got)
    for name, share in SHARES.items():
        ours, all_of_it = by_phase[name, "4"], by_phase[name, "3"] + by_phase[name, "4"]
        # Five deviations of the binomial distribution: one run of a million is further away.
        assert abs(ours - all_of_it * share) <= 5 * (all_of_it * share * (1 - share)) ** 0.5, name
    expected = model.predict(features[1000:1100])
    assert all(each.label == expected[each.row] for each in got if each.version == "3")
    sys.stdout.write(f"{len(got)} answers in {seconds} s, {dict(by_phase)}; {clients.refused} never taken\n")
