"""What a replay starts from, beside what the run started from: Python, packages, files, random numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jupyter_mlops.tracking.package_changes import Change, changes, imported
from jupyter_mlops.verbs.reproduced import Finding

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from jupyter_mlops.lineage.from_snapshots import Start
    from jupyter_mlops.lineage.replay import Restored

_MOST_NAMED = 5


def environment(
    python: tuple[str, str],
    before: Mapping[str, str] | None,
    now: Mapping[str, str],
    sources: Iterable[str],
    *,
    is_built: bool = False,
) -> list[Finding]:
    """Compare Python and packages; a difference is said, and decides nothing.

    Args:
        python: the recorded version and the one of the replay.
        before: recorded packages, if they are known.
        now: those of the replay.
        sources: the code: the packages that it imports come first, one by one.
        is_built: `now` was built for the code: what it does not have, it does not need.
    """
    recorded, used = python
    same = recorded == used
    figure = used if same else f"recorded {recorded or 'none'}, now {used}"
    found = [Finding("Python", "", "equal" if same else "different", figure, decides=False)]
    if before is None:
        return [*found, Finding("packages", "", "not comparable", "were not recorded", decides=False)]
    by_code = imported(sources, before)
    if is_built:
        before = {name: number for name, number in before.items() if name in now or name in by_code}
    differ = {each.name: each for each in changes(before, now)}
    for name in by_code:
        if name in differ:
            found.append(Finding("package", name, "different", _versions(differ[name]), decides=False))
        else:
            found.append(Finding("package", name, "equal", before[name], decides=False))
    others = [each for name, each in differ.items() if name not in by_code]
    total = len(before.keys() | now.keys()) - len(by_code)
    if others:
        names = ", ".join(f"{each.name} {_short(each)}" for each in others[:_MOST_NAMED])
        more = ", …" if len(others) > _MOST_NAMED else ""
        figure = f"{len(others)} of {total} differ: {names}{more}"
        found.append(Finding("other packages", "", "different", figure, decides=False))
    else:
        found.append(Finding("other packages", "", "equal", f"all {total}", decides=False))
    return found


def _versions(change: Change) -> str:
    return f"recorded {change.before or 'none'}, now {change.now or 'none'}"


def _short(change: Change) -> str:
    return f"{change.before or 'none'} → {change.now or 'none'}"


def files(starts: Sequence[Start], gone: Sequence[str], *, is_fresh: bool) -> list[Finding]:
    """What became of the files that cells read and that are no longer what they were.

    Args:
        starts: the cells that read such files.
        gone: those of the files that are no longer there.
        is_fresh: they are read as they are because that was asked for.
    """
    found = []
    for start in starts:
        for path in start.files:
            what = "gone" if path in gone else "changed since"
            if start.names:
                figure = f"{what}: {start.cell} starts from the snapshot of {', '.join(start.names)}"
            elif is_fresh:
                figure = f"{what}: {start.cell} read it as it is now"
            else:
                figure = f"{what}, what {start.cell} made of it was not kept: read as it is now"
            found.append(Finding("file", path, "different", figure, decides=False))
    return found


def randomness(restored: Sequence[Restored]) -> str | None:
    """Where random generators were set to their recorded states; None if the code alone gave these."""
    starts = [each for each in restored if each.is_start]
    later = [each for each in restored if not each.is_start]
    parts = []
    if starts:
        parts.append("recorded state of " + ", ".join(f"{each.name} from {each.cell} on" for each in starts))
    if later:
        places = ", ".join(f"{each.name} before {each.cell}" for each in later)
        parts.append(f"the code alone gives others, set back: {places}")
    return "; ".join(parts) or None
