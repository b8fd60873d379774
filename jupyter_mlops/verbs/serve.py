"""`serve`: a registered version, or an exported bundle, behind a local HTTP address."""

from __future__ import annotations

import json
import shlex
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from jupyter_mlops.bundle.runtime.manifest import MANIFEST
from jupyter_mlops.bundle.server import RunningServer, list_servers, start_server, stop_server
from jupyter_mlops.registry.versions import find_version
from jupyter_mlops.settings import Settings, load_settings
from jupyter_mlops.verbs.answers import DataTable
from jupyter_mlops.verbs.command import Known, current_place, verb
from jupyter_mlops.verbs.export import export_version
from jupyter_mlops.verbs.place import Progress, silent
from jupyter_mlops.widgets.card import Card

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Served:
    """A server that runs now. `url` is its address."""

    server: RunningServer
    row: Mapping[str, Any]
    """One row to ask about, from the bundle's own example."""

    @property
    def url(self) -> str:
        """Where it answers, such as ``http://127.0.0.1:8080``."""
        return self.server.url

    def card(self) -> Card:
        """As shown in a notebook, where `server` is what the verb gave."""
        body = f'{{"dataframe_records": [{dict(self.row)!r}]}}'
        return Card(
            f"{self.server.name} version {self.server.version} is served",
            (("address", self.url), ("log", str(self.server.log))),
            code=f'import requests\nrequests.post(server.url + "/invocations", json={body}).json()',
            links=(("open", self.url), ("health", f"{self.url}/health"), ("schema", f"{self.url}/schema")),
            volatile=frozenset({"address", "log", "open", "health", "schema"}),
            note="`server = %mlops serve MODEL` gives `server.url`. Stop it: %mlops serve --stop",
        )

    def in_full(self) -> Card:
        """As printed in a shell: with the address, and a request to send there."""
        return replace(
            self.card(),
            code=self._curl(),
            volatile=frozenset(),
            note="Stop it: %mlops serve --stop",
        )

    def __str__(self) -> str:
        return str(self.card())

    def to_dict(self) -> dict[str, Any]:
        """Plain data; `curl` is a command that asks about one row."""
        return {**_data(self.server), "curl": self._curl()}

    def _curl(self) -> str:
        body = shlex.quote(json.dumps({"dataframe_records": [dict(self.row)]}))
        return f"curl -s {self.url}/invocations -H 'Content-Type: application/json' -d {body}"

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        return self.card()._repr_mimebundle_()


def serve(
    model: str | Path, *, port: int | None = None, tie_to_parent: bool = True, progress: Progress = silent
) -> Served:
    """Start a server in the background and wait until it answers.

    Args:
        model: ``name@alias``, ``name/version``, ``name``, or the folder of an exported bundle.
        port: this port, or an error if it is busy; the first free one from 8080 upwards when None.
        tie_to_parent: end the server when this process ends.
        progress: told what happens and how much is done.

    Raises:
        NotFoundError: no such model, version or bundle.
        ServeError: the port is busy, or the server did not come up.
    """
    settings = load_settings()
    bundle = Path(model)
    if not _is_bundle(bundle):
        bundle = _bundle(settings, str(model), lambda text, share: progress(text, 0.7 * share))
    progress("starting the server", 0.7)
    server = start_server(bundle, port=port, state=settings.servers, tie_to_parent=tie_to_parent)
    progress("done", 1.0)
    return Served(server, _first_row(bundle))


def _is_bundle(folder: Path) -> bool:
    try:
        return (folder / MANIFEST).is_file()
    except OSError:  # no file can have that name
        return False


def stop(name: str | None = None) -> DataTable:
    """Stop the project's background servers: of one model, or all.

    Raises:
        NotFoundError: no server of that name runs.
    """
    return _table("stopped", stop_server(load_settings().servers, name))


def servers() -> DataTable:
    """The project's background servers that run now."""
    return _table("running", list_servers(load_settings().servers))


def _bundle(settings: Settings, model: str, progress: Progress) -> Path:
    """The exported folder of a version; made once, a version never changes."""
    version = find_version(settings, model)
    folder = settings.home / "bundles" / f"{version.name}-{version.version}-{version.run_id[:8]}"
    if not (folder / MANIFEST).is_file():
        export_version(settings, version, folder, force=True, progress=progress)
    return folder


def _first_row(bundle: Path) -> Mapping[str, Any]:
    rows: list[Mapping[str, Any]] = json.loads((bundle / "example.json").read_text("utf-8"))
    return rows[0]


def _table(what: str, found: list[RunningServer]) -> DataTable:
    return DataTable(
        f"{len(found)} server{'s' if len(found) != 1 else ''} {what}",
        ("model", "version", "address", "process"),
        tuple((server.name, server.version, server.url, str(server.pid)) for server in found),
        volatile=frozenset({2, 3}),
        data={"servers": [_data(server) for server in found]},
    )


def _data(server: RunningServer) -> dict[str, Any]:
    return {"name": server.name, "version": server.version, "url": server.url, "pid": server.pid}


@verb("serve")
@click.argument("model", required=False, type=Known("models"))
@click.option(
    "--port",
    type=click.IntRange(1, 65535),
    metavar="N",
    help="This port; the first free one from 8080 if left out.",
)
@click.option("--stop", "stopping", is_flag=True, help="Stop the background servers, or those of MODEL.")
def command(model: str | None, port: int | None, stopping: bool) -> Served | DataTable:
    """Serve a model in the background; without a MODEL, list the servers that run.

    MODEL is income@champion, income/3, income, or the folder of an exported bundle.

    A server started in a notebook ends with its kernel; one started in a shell runs until
    `mlops serve --stop`.
    """
    if stopping:
        return stop(model.partition("@")[0].partition("/")[0] if model else None)
    if model is None:
        return servers()
    place = current_place()
    return serve(model, port=port, tie_to_parent=place.namespace is not None, progress=place.progress)
