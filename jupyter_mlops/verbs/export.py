"""`export`: a registered version as a folder that serves it anywhere."""

from __future__ import annotations

import json
import math
import shlex
import tempfile
from pathlib import Path
from typing import Any

import click

from jupyter_mlops.bundle.choice import ENGINES, Original
from jupyter_mlops.bundle.export import Bundle, BundleSource, export_bundle
from jupyter_mlops.bundle.folders import check_target
from jupyter_mlops.registry.model_card import CARD
from jupyter_mlops.registry.own_code.kept import CODE, FOLDER
from jupyter_mlops.registry.save import EXTRA, model_file
from jupyter_mlops.registry.versions import Version, fetch_files, find_version
from jupyter_mlops.settings import Settings, load_settings
from jupyter_mlops.snapshot.schema import Schema
from jupyter_mlops.verbs.answers import DataCard
from jupyter_mlops.verbs.command import Known, current_place, verb
from jupyter_mlops.verbs.original_model import original
from jupyter_mlops.verbs.place import Progress, silent


def export(
    model: str,
    target: str | Path,
    *,
    force: bool = False,
    engine: str = "auto",
    shadow: bool = False,
    trust: bool = False,
    challenger: str | None = None,
    progress: Progress = silent,
) -> DataCard:
    """Write a serving bundle.

    Args:
        model: ``name@alias``, ``name/version`` or ``name``.
        target: the folder to make.
        force: replace a bundle that is there.
        engine: ``compiled`` serves without scikit-learn, ``sklearn`` with it; ``auto`` is compiled if the
            model has that form and answers real rows alike.
        shadow: put the model itself into a compiled bundle as well, so that its server can compare them.
        trust: load a model that was written by pickle, or that comes with code of somebody else's notebook,
            to compile it. That code runs; that it is what was registered is checked first.
        challenger: another version of the model, to put into the same bundle; a rule says which one answers.
        progress: told what happens and how much is done.

    Raises:
        NotFoundError: no such model or version, or it was not promoted by this package.
        BadInputError: the folder exists and may not be replaced; the model cannot be compiled, and that was
            asked for; or the challenger does not take what the model takes.
        StoreError: the tracking store or the folder cannot be used.
    """
    check_target(
        Path(target), force=force
    )  # before the seconds that MLflow takes; looked at again at the end
    settings = load_settings()
    progress("finding the version", 0.0)
    version = find_version(settings, model)
    bundle = export_version(
        settings,
        version,
        Path(target),
        force=force,
        engine=engine,
        shadow=shadow,
        trust=trust,
        challenger=find_version(settings, challenger) if challenger else None,
        progress=progress,
    )
    progress("done", 1.0)
    return DataCard(
        f"{bundle.name} version {bundle.version} is exported",
        (
            ("folder", str(target)),
            ("engine", _engine_line(bundle)),
            *_parity_lines(bundle),
            *([("challenger", f"version {bundle.challenger}")] if bundle.challenger else []),
            ("files", str(len(bundle.files))),
            ("size", f"{bundle.size_bytes / 1e6:.1f} MB"),
            (
                "packages",
                "locked with hashes" if bundle.lock == "hashed" else "exact versions, without hashes",
            ),
            ("digest", bundle.digest[:16]),
        ),
        code=f"cd {shlex.quote(str(target))} && pip install -r requirements.lock && python serve.py",
        volatile=frozenset({"files", "size", "digest", "differences"}),
        note=f"Try it here: %mlops serve {model}",
        data={
            "folder": str(bundle.path),
            "name": bundle.name,
            "version": bundle.version,
            "digest": bundle.digest,
            "files": list(bundle.files),
            "size_bytes": bundle.size_bytes,
            "lock": bundle.lock,
            "engine": bundle.engine,
            "parity": dict(bundle.parity),
            "challenger": bundle.challenger or None,
        },
    )


def _engine_line(bundle: Bundle) -> str:
    if bundle.engine == "compiled":
        return "compiled: without scikit-learn"
    return f"sklearn: {bundle.parity['reason']}"


def _parity_lines(bundle: Bundle) -> list[tuple[str, str]]:
    """What was compared, where something was."""
    found = bundle.parity
    if "rows" not in found:
        return []
    some = "" if found["rows"] == found["of_rows"] else f" of {found['of_rows']:,}"
    rows = f"{found['rows']:,}{some} rows of {found['rows_from']}, {found['edge_rows']:,} made from them"
    alike = "not all are answered alike" if found["reason"] else "all are answered alike"
    largest = math.inf if found["max_difference"] is None else found["max_difference"]
    return [("compared", f"{rows}: {alike}"), ("differences", f"up to {largest:.0e}")]


def export_version(
    settings: Settings,
    version: Version,
    target: Path,
    *,
    force: bool,
    engine: str = "auto",
    shadow: bool = False,
    trust: bool = False,
    challenger: Version | None = None,
    progress: Progress = silent,
) -> Bundle:
    """Fetch a version's files and write the bundle; `export` and `serve` share it."""
    with tempfile.TemporaryDirectory(prefix="mlops-export-") as scratch:
        progress("fetching the model", 0.2)
        sources = []
        for role, each in (("champion", version), ("challenger", challenger)):
            if each is None:
                continue
            place = Path(scratch) / role
            place.mkdir()
            folder = fetch_files(settings, each, place)
            sources.append(_source(each, folder, original(settings, each, folder, trust=trust)))
        progress("comparing its compiled form, and writing", 0.5)
        second = sources[1] if challenger is not None else None
        return export_bundle(sources[0], target, force=force, engine=engine, shadow=shadow, challenger=second)


def _source(version: Version, folder: Path, model: Original) -> BundleSource:
    file, serialization = model_file(folder)
    return BundleSource(
        name=version.name,
        version=version.version,
        run_id=version.run_id,
        model_file=file,
        serialization=serialization,
        schema=Schema.from_dict(_read(folder, "schema.json")),
        example=_read(folder, "example.json"),
        metrics=version.metrics,
        packages=_read(folder, "packages.json"),
        card=_card(folder),
        original=model,
        **_own_code(folder),
    )


def _own_code(folder: Path) -> dict[str, Any]:
    """The code that goes with the model, for a `BundleSource`."""
    if not (folder / EXTRA / CODE).is_file():
        return {}
    return {"code": folder / FOLDER, "code_types": tuple(_read(folder, CODE)["types"])}


def _card(folder: Path) -> str | None:
    """The version's model card; older versions have none."""
    file = folder / EXTRA / CARD
    return file.read_text("utf-8") if file.is_file() else None


def _read(folder: Path, name: str) -> Any:
    return json.loads((folder / EXTRA / name).read_text("utf-8"))


@verb("export")
@click.argument("model", type=Known("models"))
@click.argument("target", type=click.Path(file_okay=False, path_type=Path))
@click.option("--force", is_flag=True, help="Replace the bundle that is there.")
@click.option(
    "--engine",
    type=click.Choice(ENGINES),
    default="auto",
    help="With scikit-learn, or compiled to need none; auto compiles what then answers alike.",
)
@click.option("--shadow", is_flag=True, help="Keep the model itself beside its compiled form, to compare.")
@click.option("--trust", is_flag=True, help="Load a pickle, or code of somebody else's notebook: it runs.")
@click.option("--challenger", type=Known("models"), help="Another version, beside it in the same bundle.")
def command(
    model: str, target: Path, force: bool, engine: str, shadow: bool, trust: bool, challenger: str | None
) -> DataCard:
    """Export a model as a folder that serves it anywhere.

    MODEL is income@champion, income/3 or income (its champion, else its newest version); TARGET is a new
    folder.
    """
    return export(
        model,
        target,
        force=force,
        engine=engine,
        shadow=shadow,
        trust=trust,
        challenger=challenger,
        progress=current_place().progress,
    )
