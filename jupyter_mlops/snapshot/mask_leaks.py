"""The texts that stood in masked columns, to find them where no name says so. In memory only."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

_TELLING_CHARACTERS = 6
"""A shorter text of a masked column, such as "yes", can stand in another column by chance."""


class SeenTexts:
    """Each text once."""

    def __init__(self) -> None:
        self._arrays: list[Any] = []
        self._mutex = threading.Lock()

    def see(self, texts: Any) -> None:
        """Note an Arrow array of texts; they are sorted out when somebody asks."""
        with self._mutex:
            self._arrays.append(texts)

    def __contains__(self, text: object) -> bool:
        import pyarrow.compute as pc

        known = self._known()
        return known is not None and type(text) is str and pc.index(known, text).as_py() >= 0

    def find_in(self, value: Any) -> str | None:
        """The name of a column of a frame or series that holds one of the longer texts; None if none does.

        Reads every text: not for the cell's path.
        """
        known = self._known()
        if known is None:
            return None
        import pyarrow.compute as pc

        telling = known.filter(pc.greater_equal(pc.utf8_length(known), _TELLING_CHARACTERS))
        for name, texts in _texts(value):
            if pc.any(pc.is_in(texts, value_set=telling)).as_py():
                return name
        return None

    def _known(self) -> Any:
        with self._mutex:
            if len(self._arrays) > 1:
                import pyarrow as pa

                self._arrays[:] = [pa.chunked_array(self._arrays, pa.large_string()).unique()]
            return self._arrays[0] if self._arrays else None


def _texts(value: Any) -> Iterator[tuple[str, Any]]:
    """Name and texts of everything in a frame or series that holds any, labels included."""
    import pandas as pd

    parts = [("index", value.index.get_level_values(at)) for at in range(value.index.nlevels)]
    if isinstance(value, pd.DataFrame):
        labels = value.columns
        parts += [("names of the columns", labels.get_level_values(at)) for at in range(labels.nlevels)]
        parts += [(str(label), value.iloc[:, at]) for at, label in enumerate(labels)]
    else:
        parts.append((str(value.name), value))
    for name, part in parts:
        array = part.array
        if isinstance(array.dtype, pd.CategoricalDtype):
            array = array.categories.array
        texts = as_texts(array)
        if texts is not None:
            yield name, texts


def as_texts(array: Any) -> Any:
    """The texts in a pandas array of text or objects, as an Arrow array; None for other types."""
    import pyarrow as pa

    arrow = getattr(array, "_pa_array", None)
    if arrow is not None:
        if pa.types.is_dictionary(arrow.type):
            arrow = arrow.cast(arrow.type.value_type)
        if not (pa.types.is_string(arrow.type) or pa.types.is_large_string(arrow.type)):
            return None
        return pa.array(arrow.combine_chunks() if len(arrow.chunks) != 1 else arrow.chunk(0)).cast(
            pa.large_string()
        )
    if array.dtype == object or getattr(array.dtype, "name", "") in {"str", "string"}:
        return pa.array([value for value in array if type(value) is str], pa.large_string())
    return None
