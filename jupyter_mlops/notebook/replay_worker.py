"""The clean process of a replay: runs a slice's cells in a quiet IPython shell and reports what they gave.

Started as ``python -m jupyter_mlops.notebook.replay_worker TASK.json``; it writes one JSON event per line
to standard output. The user's files can be read but not written; where cells write files, it is started in
a view of the notebook's folder in which they can.
"""

from __future__ import annotations

import errno
import json
import math
import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from jupyter_mlops.errors import MlopsError
from jupyter_mlops.lineage.asked import NO_INPUT, NO_NETWORK
from jupyter_mlops.lineage.memory_used import MORE_MEMORY, needs_more
from jupyter_mlops.lineage.outputs import outputs
from jupyter_mlops.lineage.record import place_of
from jupyter_mlops.notebook.facts import measured
from jupyter_mlops.notebook.found_again import compare_models, facts_again, facts_of_earlier, joined
from jupyter_mlops.notebook.limits import bound_memory, end_with
from jupyter_mlops.notebook.model_rows import find_rows
from jupyter_mlops.notebook.no_network import refuse_network, was_refused
from jupyter_mlops.notebook.randomness import set_back
from jupyter_mlops.notebook.read_only import NO_WRITES, make_read_only
from jupyter_mlops.notebook.source import analyze
from jupyter_mlops.notebook.stored_values import begin, end, in_words, plan
from jupyter_mlops.notebook.tracing import Tracer
from jupyter_mlops.snapshot import SnapshotStore, digest
from jupyter_mlops.snapshot.looking import imported

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from jupyter_mlops.notebook.source import CellCode


class _StoppedError(Exception):
    def __init__(self, what: str, fix: str) -> None:
        super().__init__(what)
        self.what, self.fix = what, fix


def main(task_file: Path) -> None:
    """Do the task; the last line written says how it ended."""
    report = os.fdopen(os.dup(1), "w", encoding="utf-8")
    sys.stdout = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - until the process ends
    os.dup2(sys.stdout.fileno(), 1)
    task: dict[str, Any] = json.loads(task_file.read_text("utf-8"))
    started = time.perf_counter()
    make_read_only(Path(task["scratch"]), Path(task["folder"]))
    bound_memory(task["memory"])
    if not task["network"]:
        refuse_network()
    end_with(task["parent"])
    try:
        shell = _shell()
        restored: list[dict[str, Any]] = []
        if task["trace"]:
            result = _trace(shell, task, report)
        else:
            shown, found = _run_cells(shell, task, report, restored)
            last = analyze(task["cells"][-1]["source"] if task["cells"] else "", shell.transform_cell)
            metrics = measured(last, shell.user_ns, last.assigned, shown)
            facts = found.pop("facts")
            result = _result(shell.user_ns, task, metrics) | found
            result |= _compared(shell, task, last, shown, facts)
    except (_StoppedError, MlopsError) as stopped:
        _say(report, {"error": stopped.what, "fix": stopped.fix})
    except MemoryError:  # of what came after the cells
        _say(report, {"error": f"the code {needs_more(task['memory'])}", "fix": MORE_MEMORY})
    else:
        _say(report, {**result, "restored": restored, "seconds": time.perf_counter() - started})
    report.flush()
    os._exit(0)  # threads and handlers of the user's code have nothing left to do here


def _shell() -> Any:
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.config import Config

    class QuietShell(InteractiveShell):
        """A shell without a terminal: figures and GUIs are drawn nowhere, nothing is kept on disk."""

        def enable_gui(self, gui: object = None) -> None:
            """`%matplotlib` in any form is accepted and changes nothing."""

        def enable_matplotlib(self, gui: object = None) -> tuple[str, str]:
            """As `enable_gui`."""
            return "agg", "agg"

        def showtraceback(self, *args: object, **kwargs: object) -> None:
            """Errors are reported by `_run_cells`, not printed."""

    config = Config()
    config.HistoryManager.enabled = False
    config.InteractiveShell.xmode = "Minimal"
    return QuietShell.instance(config=config)


def _run_cells(
    shell: Any, task: Mapping[str, Any], report: TextIO, restored: list[dict[str, Any]]
) -> tuple[Any, dict[str, Any]]:
    """Run the cells in order; returns what the last one displayed, and what else there is to tell of them.

    Random generators begin each cell as they did in the notebook; where the code alone gave another state, a
    line is added to `restored`.
    """
    cells: Sequence[Mapping[str, Any]] = task["cells"]
    shown, ended = None, None
    bound: dict[int, list[str]] = {}
    facts: list[dict[str, Any]] = []
    store = SnapshotStore(Path(task["snapshots"]))
    for done, cell in enumerate(cells, start=1):
        names = _prepare(shell, cell)
        restored += [
            {"cell": place_of(cell["count"]), "name": name.strip("<>"), "is_start": name in cell["starts"]}
            for name in names
        ]
        begun = begin(cell, shell, store, is_last=done == len(cells))
        bound[cell["serial"]] = list(begun.bound)
        result = shell.run_cell(begun.code, store_history=True)
        error = result.error_before_exec or result.error_in_exec
        ended = None if error is None else type(error).__name__
        _refuse_unexpected(cell, error, task["memory"])
        end(begun, cell, shell.user_ns, store)
        shown = result.result
        if cell["serial"] in task["earlier"]:
            code = analyze(cell["source"], shell.transform_cell)
            facts.append(facts_of_earlier(code, shell.user_ns, shown))
        _close_figures()
        _say(report, {"done": done, "total": len(cells)})
    return shown, {"ended": ended, "bound": bound, "facts": facts}


def _prepare(shell: Any, cell: Mapping[str, Any]) -> list[str]:
    """What must be so before a cell runs; returns the names of the generators that were set back."""
    if cell.get("outside"):
        raise _StoppedError(
            f"{', '.join(cell['outside'])} changed outside cells, by a callback, a thread or a task",
            "Bind it in a cell, to a value that cells make, and run the cells after it again.",
        )
    names = set_back(cell.get("random", {}), shell.user_ns)
    if cell["count"]:  # magics may mean what other cells showed by their numbers
        shell.execution_count = max(shell.execution_count, cell["count"])
    return names


def _close_figures() -> None:
    """As notebooks do at the end of each cell: the next one does not draw into the axes of this one."""
    pyplot = imported("matplotlib.pyplot")
    if pyplot is not None:
        pyplot.close("all")


def _trace(shell: Any, task: Mapping[str, Any], report: TextIO) -> dict[str, Any]:
    """Run the cells statement by statement; each one's record is an event of its own."""
    tracer = Tracer(shell)
    restored = []
    for done, cell in enumerate(task["cells"], start=1):
        restored += [[place_of(cell["count"]), name.strip("<>")] for name in _prepare(shell, cell)]
        begun = plan(cell, shell, is_last=done == len(task["cells"]))
        for statement, error in tracer.run(in_words(begun, task["snapshots"])):
            _say(report, {"statement": statement, "cell": done - 1, "raised": error is not None})
            _refuse_unexpected(cell, error, task["memory"])
        _close_figures()
        _say(report, {"done": done, "total": len(task["cells"])})
    return {"traced": restored}


def _refuse_unexpected(cell: Mapping[str, Any], error: BaseException | None, memory: int) -> None:
    """Stop at an error that the cell did not end with in the notebook."""
    if error is not None and cell["may_raise"] not in {type(error).__name__, "*"}:
        raise _explain(cell, error, memory)


def _explain(cell: Mapping[str, Any], error: BaseException, memory: int) -> _StoppedError:
    where = place_of(cell["count"])
    if was_refused(error):
        return _StoppedError(f"{where} uses the network, which a replay does not do by itself", NO_NETWORK)
    if isinstance(error, MemoryError):
        return _StoppedError(f"{where} {needs_more(memory)}", MORE_MEMORY)
    if isinstance(error, PermissionError) and (str(error) == NO_WRITES or error.errno == errno.EACCES):
        return _StoppedError(
            f"{where} writes files that a replay in a clean process must not touch",
            "Use paths relative to the notebook, or write them in a cell of their own, after the model.",
        )
    if isinstance(error, EOFError):
        return _StoppedError(f"{where} asks for input", NO_INPUT)
    name = f" ({error.name!r})" if isinstance(error, NameError | ModuleNotFoundError) and error.name else ""
    return _StoppedError(
        f"{where} fails in a clean process with {type(error).__name__}{name}",
        "Restart the kernel, run all cells and look at that cell; then promote again.",
    )


def _compared(
    shell: Any, task: Mapping[str, Any], last: CellCode, shown: Any, earlier: list[dict[str, Any]]
) -> dict[str, Any]:
    """If they were asked for: facts, joined with those of earlier cells, and predictions of kept models."""
    if not task["facts"]:
        return {}
    store = SnapshotStore(Path(task["snapshots"]))
    reads, writes = task["facts"]
    return {
        "facts": joined([*earlier, facts_again(last, shell.user_ns, reads, writes, shown)]),
        "models": compare_models(task["models"], shell.user_ns, store),
    }


def _result(
    namespace: Mapping[str, Any], task: Mapping[str, Any], last: Mapping[str, float]
) -> dict[str, Any]:
    import cloudpickle

    model = namespace.get(task["model"]) if task["model"] else None
    if model is None and task["model"]:
        raise _StoppedError(
            f"the code ran, but no name {task['model']!r} came out of it",
            "Make the model under that name in a tracked cell, and promote that run.",
        )
    model_file = Path(task["scratch"]) / "model.pkl"
    if model is not None:
        model_file.write_bytes(cloudpickle.dumps(model))
    rows_file = None
    if model is not None and (rows_found := find_rows(namespace, model, task["fitted"], task["measured"])):
        rows_file = Path(task["scratch"]) / "rows.pkl"
        rows_file.write_bytes(cloudpickle.dumps(rows_found))
    predictions: list[Any] = []
    probabilities = None
    if model is not None and task["rows"]:
        rows = SnapshotStore(Path(task["snapshots"])).get(task["rows"])
        predictions, probabilities = outputs(model, rows)
    return {
        "model_digest": digest(model) if model is not None else None,
        "digests": {name: digest(namespace[name]) for name in task["names"] if name in namespace},
        "metrics": {
            name: found for name in task["metrics"] if (found := _number(namespace, name, last)) is not None
        },
        "predictions": predictions,
        "probabilities": probabilities,
        "model_file": str(model_file),
        "rows_file": rows_file and str(rows_file),
    }


def _number(namespace: Mapping[str, Any], name: str, last: Mapping[str, float]) -> float | None:
    """A metric of the last cell; else a number, or one of a flat dict, under that name from any cell."""
    value: Any = last.get(name)
    if value is None:
        value = namespace.get(name)
    if value is None and "." in name:
        owner, _, key = name.partition(".")
        table = namespace.get(owner)
        value = table.get(key) if isinstance(table, dict) else None
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return number if math.isfinite(number) else None


def _say(report: TextIO, event: Mapping[str, Any]) -> None:
    report.write(json.dumps(event) + "\n")
    report.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
