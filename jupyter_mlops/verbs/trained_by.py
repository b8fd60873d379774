"""Where a registered model comes from: code, data, checks and who decided, with the commands to go on."""

from __future__ import annotations

import json
import shlex
from typing import TYPE_CHECKING, Any

from jupyter_mlops.errors import MlopsError
from jupyter_mlops.lineage.slice import Slice
from jupyter_mlops.registry.history import history
from jupyter_mlops.registry.kept_evidence import EVIDENCE
from jupyter_mlops.registry.kept_gates import GATES_FILE
from jupyter_mlops.registry.model_card import CARD
from jupyter_mlops.registry.save import EXTRA
from jupyter_mlops.tracking.read_runs import find_run
from jupyter_mlops.widgets.explain import Section

if TYPE_CHECKING:
    from pathlib import Path

    from jupyter_mlops.lineage.mirror import SliceFile
    from jupyter_mlops.registry.history import Move
    from jupyter_mlops.registry.versions import Version
    from jupyter_mlops.settings import Settings
    from jupyter_mlops.tracking.read_runs import Run

_DIGITS = 12


def trained_by(
    settings: Settings, version: Version, folder: Path
) -> tuple[tuple[Section, ...], dict[str, Any]]:
    """What is known of a version's making, for people and as plain data.

    Args:
        settings: which store.
        version: a version that was promoted by us.
        folder: its files, as `fetch_files` gives them.
    """
    run = _run(settings, version)
    code = Slice.from_json((folder / EXTRA / "slice.json").read_text("utf-8"))
    moves = [move for move in history(settings, version.name) if move.after == version.version]
    evidence, gates = _evidence(folder), _gates(version, folder)
    sections = (
        _code(version, run, code),
        _data(run, code, evidence),
        _decision(version, gates, moves, _card(version, folder)),
    )
    data = {
        "run": {"name": version.tags.get("mlops.run"), "id": version.run_id},
        "hypothesis": run.hypothesis if run else None,
        "code": code.to_dict(),
        "data": evidence,
        "files": [vars(file) for file in code.files],
        "verified": version.tags.get("mlops.verified") == "true",
        "metrics": version.metrics,
        "gates": gates,
        "moves": [vars(move) for move in moves],
    }
    return sections, data


def _run(settings: Settings, version: Version) -> Run | None:
    try:
        return find_run(settings, version.run_id)
    except MlopsError:  # deleted since, or by hand
        return None


def _evidence(folder: Path) -> dict[str, Any]:
    file = folder / EXTRA / EVIDENCE
    found: dict[str, Any] = json.loads(file.read_text("utf-8")) if file.is_file() else {}
    return {key: found.get(key) for key in ("training", "holdout")}


def _gates(version: Version, folder: Path) -> dict[str, Any]:
    """How many gates ended how, and each of them where the version's files have them."""
    file = folder / EXTRA / GATES_FILE
    each = json.loads(file.read_text("utf-8")) if file.is_file() else []
    return {"counts": json.loads(version.tags.get("mlops.gates", "{}")), "each": each}


def _card(version: Version, folder: Path) -> str:
    """Where the model card lies, among the files of the version's run; empty if it has none."""
    return f"{version.path}/{EXTRA}/{CARD}" if (folder / EXTRA / CARD).is_file() else ""


def _code(version: Version, run: Run | None, code: Slice) -> Section:
    name = version.tags.get("mlops.run", version.run_id)
    lines = [("run", name), ("run id", version.run_id)]
    if run and run.hypothesis:
        lines.append(("hypothesis", run.hypothesis))
    lines.append(("code", f"{code.statements} statements in {len(code.cells)} cells: {code.said}"))
    commit = run.tags.get("mlflow.source.git.commit") if run else None
    if commit:
        dirty = ", with uncommitted changes" if run and run.tags.get("mlops.git.dirty") == "true" else ""
        lines.append(("git", commit[:10] + dirty))
    lines.append(("reproduced", "yes" if version.tags.get("mlops.verified") == "true" else "no"))
    commands = (f"%mlops show {_word(name)} --code", f"%mlops reproduce {_word(name)}") if run else ()
    return Section("how it was trained", tuple(lines), commands, frozenset({"run id", "git"}))


def _data(run: Run | None, code: Slice, evidence: dict[str, Any]) -> Section:
    lines, commands = [], []
    names = {digest: name for name, digest in run.datasets} if run else {}
    for label, key in (("trained on", "training"), ("measured on", "holdout")):
        kept = evidence[key]
        if kept is None:
            lines.append((label, "not kept"))
            continue
        rows = f", {kept['rows']:,} rows" if "rows" in kept else ""
        lines.append((label, f"{kept['said']}{rows}, content {kept['features'][:_DIGITS]}"))
        if run and kept["features"] in names:
            commands.append(f"%mlops restore {_word(run.name + ':' + names[kept['features']])}")
    files = [_file(file) for file in code.files if not file.is_made]
    if files:
        lines.append(("files", "; ".join(files)))
    return Section("the data", tuple(lines), tuple(commands))


def _file(file: SliceFile) -> str:
    return f"{file.path}, content {file.digest[:_DIGITS]}" if file.digest else file.path


def _decision(version: Version, gates: dict[str, Any], moves: list[Move], card: str) -> Section:
    counts = ", ".join(f"{count} {outcome}" for outcome, count in gates["counts"].items() if count)
    lines = [("gates", counts or "none were asked")]
    lines += [
        (gate["outcome"], f"{gate['name']}: {gate['figure']}")
        for gate in gates["each"]
        if gate["outcome"] in {"warned", "failed"}
    ]
    for move in moves:
        lines += [(f"{move.alias} because", move.why), (f"{move.alias} by", f"{move.who}, {move.when}")]
        if move.approved_by:
            lines.append(("approved by", move.approved_by))
    if card:
        lines.append(("model card", card))
    volatile = frozenset({"model card", *(f"{move.alias} by" for move in moves)})
    return Section("who decided", tuple(lines), (f"%mlops models {_word(version.name)} --history",), volatile)


def _word(text: str) -> str:
    """As it must be typed behind a magic."""
    return shlex.quote(text)
