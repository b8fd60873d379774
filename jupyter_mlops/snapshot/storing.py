"""One value into the store: its columns by the first recipe that fits, its manifest last."""

from __future__ import annotations

from collections import Counter
from dataclasses import astuple
from typing import TYPE_CHECKING

from jupyter_mlops.errors import StoreError
from jupyter_mlops.snapshot.leaves import key_of
from jupyter_mlops.snapshot.manifests import Manifest, manifest_name, read_manifest, write_manifest
from jupyter_mlops.snapshot.recipes import Source
from jupyter_mlops.snapshot.typed_json import to_json
from jupyter_mlops.snapshot.writing import Plan, Writer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jupyter_mlops.snapshot.columns import Leaf
    from jupyter_mlops.snapshot.files import Files
    from jupyter_mlops.snapshot.profile import ColumnProfile
    from jupyter_mlops.snapshot.taken import Place, Taken

_BY_COST = ("range", "take", "concat", "patch", "chunks")


def store_value(
    files: Files,
    digest: str,
    taken: Taken,
    leaves: dict[str, Leaf],
    candidates: Sequence[Taken],
    avoid: set[str],
    mark: str | None = None,
    profile: Sequence[ColumnProfile] = (),
) -> tuple[str, int]:
    """Write what is not there yet; returns the recipes of the new columns and the bytes written.

    Args:
        files: the store; its lock is held.
        digest: the value's.
        taken: the value.
        leaves: its leaves by digest.
        candidates: values it may be made from, the likeliest first.
        avoid: columns that must be written anew, and not be made anything from.
        mark: of a pickled object, which takes the place of one with another mark.
        profile: of its columns.

    Raises:
        NotPlainError: an element has no form without pickle.
        StoreError: the place does not take a file, or the value was changed meanwhile.
    """
    used: Counter[str] = Counter()
    with Writer(files, avoid) as writer:
        sources = [Source(candidate, taken, writer.has) for candidate in candidates]
        new = [key for key in leaves if not writer.has(key)]
        for place, key in taken.places.items():
            if not writer.has(key):
                used[writer.add(_plan(sources, place, key, leaves[key]))] += 1
        others = [Plan(key, leaf) for key, leaf in leaves.items() if not writer.has(key)]  # names of columns
        for plan in others:
            writer.add(plan)
        recipe = "+".join(name for name in _BY_COST if used[name]) or ("rename" if others else "same")
        if any(key_of(leaves[key]) != key for key in new):
            raise StoreError(
                f"A {taken.kind} was changed while it was being stored, so it was not.",
                "Run the cell again that changed it; writing through `.array` or a view does that.",
            )
        writer.finish()
        # The manifest comes last: whoever sees it finds its columns.
        if mark is not None or not _is_current(files, digest):
            head = to_json(taken.head)
            columns = [astuple(column) for column in profile]
            manifest = Manifest(
                taken.kind, taken.rows, taken.width, head, taken.trees, recipe, mark=mark, profile=columns
            )
            writer.written += write_manifest(files, digest, manifest)
    return recipe, writer.written


def _plan(sources: Sequence[Source], place: Place, key: str, leaf: Leaf) -> Plan:
    for source in sources:
        plan = source.plan(place, key, leaf)
        if plan is not None:
            return plan
    return Plan(key, leaf)


def _is_current(files: Files, digest: str) -> bool:
    return files.exists(manifest_name(digest)) and read_manifest(files, digest).now is None
