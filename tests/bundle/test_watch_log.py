"""The request log: typed rows in whole files, sampled and masked as asked; true labels beside them."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from bundle.watched import Service, rows
from tracking.waiting import until

from jupyter_mlops.bundle.runtime.problems import BadRequest
from jupyter_mlops.bundle.runtime.watch import WatchSettings

TESTS = Path(__file__).parents[1]


def started(code: str, folder: Path) -> subprocess.Popen[str]:
    """A process of its own that watches."""
    path = os.pathsep.join([str(TESTS.parent), str(TESTS)])
    return subprocess.Popen(
        [sys.executable, "-c", code, folder],
        env=os.environ | {"PYTHONPATH": path},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def read(folder: Path, stem: str = "requests") -> pa.Table:
    return pa.concat_tables([pq.read_table(file) for file in sorted(folder.glob(f"{stem}-*.parquet"))])


def test_the_log_has_the_rows_in_their_types_with_what_was_answered(tmp_path: Path) -> None:
    log = tmp_path / "log"
    service = Service(tmp_path, WatchSettings(log=log, rotate_rows=300))
    live = rows(900, seed=3)
    for at in range(300):  # a few, some more, many at once: three ways into the same columns
        service.ask(live[at : at + 1], f"r-{at}", np.array(["yes"], dtype=object))
        if at == 9:
            service.counted(10)
    service.counted(300)
    service.ask(live[300:], "many", np.tile([0.25, 0.75], (600, 1)), method="predict_proba")
    service.stop()
    table = read(log)
    assert [stat.S_IMODE(file.stat().st_mode) & 0o007 for file in log.iterdir()] == [0, 0]
    logged = table.to_pandas()
    assert logged["request_id"].tolist() == [f"r-{at}" for at in range(300)] + ["many"] * 600
    assert logged["row"].tolist() == [0] * 300 + list(range(600))
    types = {name: str(table.schema.field(name).type) for name in [*live.columns, "at", "prediction"]}
    assert types == {
        "age": "int64",
        "income": "double",
        "small": "double",
        "member": "bool",
        "city": "string",
        "since": "timestamp[us, tz=UTC]",
        "at": "timestamp[us, tz=UTC]",
        "prediction": "string",
    }
    for name in live.columns:
        pd.testing.assert_series_equal(
            logged[name], live[name], check_dtype=False, check_exact=True, check_index=False
        )
    assert table["income"].null_count == int(live["income"].isna().sum())
    assert set(logged["prediction"]) == {"yes"}
    assert logged["probability_yes"].isna().sum() == 300
    assert set(logged["probability_yes"][300:]) == {0.75}
    assert logged["latency_ms"].tolist() == pytest.approx([0.4] * 900)
    codecs = {
        pq.ParquetFile(file).metadata.row_group(0).column(0).compression for file in log.glob("*.parquet")
    }
    assert codecs == {"ZSTD"}


def test_labels_and_probabilities_of_one_request_are_logged_together(tmp_path: Path) -> None:
    service = Service(tmp_path, WatchSettings(log=tmp_path / "log"))
    labels = np.array(["no", "no"], dtype=object)  # a threshold of its own may prefer the unlikelier class
    service.ask(rows(2), answer=labels, chances=np.array([[0.4, 0.6], [0.7, 0.3]]))
    service.ask(rows(1), answer=labels[:1])
    service.stop()
    table = read(tmp_path / "log")
    assert table["prediction"].to_pylist() == ["no", "no", "no"]
    assert table["probability_yes"].to_pylist() == [0.6, 0.3, None]


def test_masked_columns_are_left_out_and_a_sample_is_chosen_by_the_id(tmp_path: Path) -> None:
    chosen = []
    for name in ("one", "other"):
        log = tmp_path / name / "log"
        service = Service(tmp_path / name, WatchSettings(log=log, sample=0.25, mask=("income", "city")))
        for at in range(400):
            service.ask(rows(2, seed=at), f"r-{at}")
        service.stop()
        table = read(log)
        assert not {"income", "city"} & set(table.column_names)
        chosen.append(table["request_id"].to_pylist())
        assert service.watch.drift()["rows"]["live"] == 800  # counts are of all
    assert chosen[0] == chosen[1]
    assert 120 < len(chosen[0]) < 280
    assert len(set(chosen[0])) * 2 == len(chosen[0])


def test_several_numbers_at_once_and_names_of_ours_among_the_features(tmp_path: Path) -> None:
    frame = rows(50).rename(columns={"age": "row", "city": "prediction"})
    service = Service(tmp_path, WatchSettings(log=tmp_path / "log"), classes=None, trained_on=frame)
    service.ask(frame[:2], answer=np.array([[1.0, 2.0], [3.0, 4.0]]))
    service.ask(frame[:1], answer=np.array([7]))
    service.stop()
    table = read(tmp_path / "log")
    assert table["row"].to_pylist() == [*frame["row"][:2].tolist(), frame["row"][0]]
    assert table["row_"].to_pylist() == [0, 1, 0]
    assert table["prediction_"].to_pylist() == [None, None, 7.0]
    assert table["outputs"].to_pylist() == ["[1.0, 2.0]", "[3.0, 4.0]", None]


def test_a_log_that_cannot_be_written_drops_counts_and_says_so_once(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    log = tmp_path / "log"
    log.write_text("a file where the folder should be")
    service = Service(tmp_path, WatchSettings(log=log, rotate_rows=10))
    service.ask(rows(10))
    service.ask(rows(10))
    service.watch.feedback([{"request_id": "r-1", "label": "yes"}])
    until(lambda: service.watch.lost == 20, "dropping")
    log.unlink()
    service.ask(rows(10))
    service.stop()
    assert capfd.readouterr().err.count("log cannot be written") == 1
    assert read(log).num_rows == 10
    assert service.watch.lost == 20
    assert b"mlops_log_rows_total 10.0" in service.watch.metrics()


def test_rows_that_do_not_fit_are_dropped_alone(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    service = Service(tmp_path, WatchSettings(log=tmp_path / "log"), classes=[0, 1])
    service.ask(rows(2), "short", np.array([1]))
    service.counted(2)
    service.ask(rows(2), "odd", np.array(["secret", None], dtype=object))
    service.counted(4)
    service.ask(rows(400), "good")
    service.stop()
    assert set(read(tmp_path / "log")["request_id"].to_pylist()) == {"good"}
    assert service.watch.lost == 4
    assert "secret" not in capfd.readouterr().err


def test_a_full_disk_leaves_no_half_file(tmp_path: Path) -> None:
    """The process may write no file beyond 2 kB, which a write meets as it meets a full disk."""
    with started(_FULL, tmp_path) as process:
        out, err = process.communicate(timeout=120)
    assert out.split() == ["500", "0"]
    assert err.count("\n") == 1
    assert list((tmp_path / "log").iterdir()) == []


_FULL = textwrap.dedent("""
    import resource, sys
    from pathlib import Path
    from bundle.watched import Service, rows
    from jupyter_mlops.bundle.runtime.watch import WatchSettings

    folder = Path(sys.argv[1])
    service = Service(folder, WatchSettings(log=folder / "log", rotate_rows=500))
    resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))
    service.ask(rows(500))
    service.stop()
    print(service.watch.lost, service.watch.log.files.written)
""")


def test_a_killed_server_loses_only_what_waited_for_its_file(tmp_path: Path) -> None:
    with started(_KILLED, tmp_path) as server:
        assert server.stdout is not None
        assert server.stdout.readline() == "written\n"
        os.kill(server.pid, signal.SIGKILL)
    assert all(file.suffix == ".parquet" for file in (tmp_path / "log").iterdir())
    assert read(tmp_path / "log").num_rows == 300


_KILLED = textwrap.dedent("""
    import sys, time
    from pathlib import Path
    from bundle.watched import Service, rows
    from jupyter_mlops.bundle.runtime.watch import WatchSettings

    folder = Path(sys.argv[1])
    service = Service(folder, WatchSettings(log=folder / "log", rotate_rows=100))
    for at in range(7):
        service.ask(rows(50), f"r-{at}")
        service.counted(50 * (at + 1))
    print("written", flush=True)
    time.sleep(300)
""")


def test_labels_come_back_by_request_id(tmp_path: Path) -> None:
    service = Service(tmp_path, WatchSettings(log=tmp_path / "log"), classes=[0, 1])
    given: list[dict[str, Any]] = [
        {"request_id": "r-1", "label": 1},
        {"request_id": "r-2", "label": 0, "row": 3},
    ]
    assert service.watch.feedback(given) == 2
    assert b"mlops_feedback_total 2.0" in service.watch.metrics()
    service.stop()
    table = read(tmp_path / "log", "feedback")
    assert table.select(["request_id", "row", "label"]).to_pylist() == [
        {"request_id": "r-1", "row": None, "label": 1},
        {"request_id": "r-2", "row": 3, "label": 0},
    ]


@pytest.mark.parametrize(
    ("bad", "path"),
    [
        ({}, "$.labels[1]"),
        ([], "$.labels[1]"),
        ({"request_id": "r", "label": 1, "more": 2}, "$.labels[1]"),
        ({"request_id": 7, "label": 1}, "$.labels[1].request_id"),
        ({"request_id": "\ud800", "label": 1}, "$.labels[1].request_id"),
        ({"request_id": "r", "label": "1"}, "$.labels[1].label"),
        ({"request_id": "r", "label": True}, "$.labels[1].label"),
        ({"request_id": "r", "label": 2**70}, "$.labels[1].label"),
        ({"request_id": "r", "label": 1, "row": -1}, "$.labels[1].row"),
    ],
)
def test_labels_of_another_shape_are_refused_whole(tmp_path: Path, bad: Any, path: str) -> None:
    service = Service(tmp_path, WatchSettings(log=tmp_path / "log"), classes=[0, 1])
    with pytest.raises(BadRequest) as refused:
        service.watch.feedback([{"request_id": "r", "label": 1}, bad], "$.labels")
    assert (refused.value.path, refused.value.status) == (path, 400)
    service.stop()
    assert not (tmp_path / "log").exists()


def test_without_a_log_labels_have_nowhere_to_go(tmp_path: Path) -> None:
    service = Service(tmp_path)
    with pytest.raises(BadRequest) as refused:
        service.watch.feedback([{"request_id": "r", "label": "yes"}])
    service.stop()
    assert refused.value.status == 409
