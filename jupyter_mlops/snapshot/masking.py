"""Masked columns: their values are replaced before anything digests, describes or stores them.

A name masks every column, series, index and index level that is called so, in pandas, and also the labels of
columns that were made from it by a pivot. Nulls stay null. A copy under another name is not masked, but its
texts are recognised (`Masker.leak`), so that it need not be stored.
"""

from __future__ import annotations

import sys
from collections import OrderedDict
from typing import TYPE_CHECKING, Any

from jupyter_mlops.snapshot.mask_leaks import SeenTexts, as_texts
from jupyter_mlops.snapshot.mask_tokens import Tokenizer, is_token, load_key

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

_LABELS_REMEMBERED = 64
_COLUMNS_REMEMBERED = 8  # they keep the data they were made from alive
_LABELS = (str, int, float)


class Masker:
    """Replaces the values of the named columns; with no names it gives back what it was given."""

    def __init__(self, key_file: Path) -> None:
        self._key_file = key_file
        self._tokens: Tokenizer | None = None
        self._columns: _Remembered = _Remembered(_COLUMNS_REMEMBERED)
        self._labels: _Remembered = _Remembered(_LABELS_REMEMBERED)
        self._seen = SeenTexts()
        self.names: tuple[str, ...] = ()

    def add(self, names: Iterable[str]) -> None:
        """Mask these columns too, from now on.

        Raises:
            StoreError: the project's key cannot be made or read; then nothing changes.
        """
        names = tuple(dict.fromkeys([*self.names, *names]))
        if names and self._tokens is None:
            self._tokens = Tokenizer(load_key(self._key_file))
        self.names = names
        self._labels = _Remembered(_LABELS_REMEMBERED)

    def __call__(self, value: Any) -> Any:
        """The value with tokens in its masked columns; the value itself if it has none."""
        pandas = sys.modules.get("pandas")
        if not self.names or pandas is None:
            return value
        if issubclass(type(value), pandas.DataFrame):
            return self._frame(pandas, value)
        if issubclass(type(value), pandas.Series):
            return self._series(pandas, value)
        if issubclass(type(value), pandas.Index):
            return self._index(pandas, value)
        return value

    def leak(self, value: Any) -> str | None:
        """Why a value that `self` has masked must not be stored all the same; None if it may be.

        Only frames and series have names for all they hold. Reads every text: not for the cell's path.
        """
        if not self.names:
            return None
        pandas = sys.modules.get("pandas")
        if pandas is None or not issubclass(type(value), pandas.DataFrame | pandas.Series):
            return f"columns are masked, and a {type(value).__name__} has no names to tell them by"
        found = self._seen.find_in(value)
        return f"{found!r} holds values of a masked column; --mask it too" if found else None

    def knows(self, text: str) -> bool:
        """True for a text that stood in a masked column."""
        return bool(self.names) and text in self._seen

    def _hits(self, label: object) -> bool:
        if type(label) is tuple:
            return any(self._hits(part) for part in label)
        return type(label) in _LABELS and str(label) in self.names

    def _frame(self, pandas: Any, frame: Any) -> Any:
        columns = frame.columns
        hit = self._labels.get(columns)
        if hit is None:
            hit = self._labels.add(columns, [at for at, label in enumerate(columns) if self._hits(label)])
        index, labels = self._index(pandas, frame.index), self._index(pandas, columns)
        if not hit and index is frame.index and labels is columns:
            return frame
        masked = pandas.DataFrame.copy(frame, deep=False)
        for at in hit:
            masked.isetitem(at, self._column(pandas, frame.iloc[:, at].array))
        if index is not frame.index:
            masked.index = index
        if labels is not columns:
            masked.columns = labels
        return masked

    def _series(self, pandas: Any, series: Any) -> Any:
        index = self._index(pandas, series.index)
        if self._hits(series.name):
            return pandas.Series(self._column(pandas, series.array), index=index, name=series.name)
        if index is series.index:
            return series
        masked = pandas.Series.copy(series, deep=False)
        masked.index = index
        return masked

    def _index(self, pandas: Any, index: Any) -> Any:
        hit = [at for at, name in enumerate(index.names) if self._hits(name)]
        if not hit:
            return index
        if index.nlevels == 1:
            return pandas.Index(self._column(pandas, index.array), name=index.name)
        levels = [index.get_level_values(at) for at in range(index.nlevels)]
        for at in hit:
            levels[at] = pandas.Index(self._column(pandas, levels[at].array))
        return pandas.MultiIndex.from_arrays(levels, names=index.names)

    def _column(self, pandas: Any, array: Any) -> Any:
        """Tokens for the values of a pandas array: text, or a categorical if it was one."""
        if isinstance(array.dtype, pandas.CategoricalDtype):
            return self._categorical(pandas, array)
        arrow = getattr(array, "_pa_array", None)  # never changes: the same object has the same tokens
        if arrow is None:
            return self._text(pandas, array)
        known = self._columns.get(arrow)
        return known if known is not None else self._columns.add(arrow, self._text(pandas, array))

    def _text(self, pandas: Any, array: Any) -> Any:
        assert self._tokens is not None  # noqa: S101 - there are names
        import pyarrow as pa

        texts = as_texts(array)
        if texts is not None and len(texts) == len(array):
            coded = texts.dictionary_encode()
            self._seen.see(coded.dictionary)
            tokens = [self._tokens.of_text(text) for text in coded.dictionary.to_pylist()]
            return pandas.array(pa.array(tokens, pa.large_string()).take(coded.indices), dtype="str")
        if texts is not None:
            self._seen.see(texts.unique())
        missing = pandas.isna(array)
        values = [None if none else value for value, none in zip(array, missing, strict=True)]
        return pandas.array(
            [None if value is None else self._tokens.of(value) for value in values], dtype="str"
        )

    def _categorical(self, pandas: Any, array: Any) -> Any:
        names = list(self._text(pandas, array.categories.array))
        if len(set(names)) < len(names):
            return self._text(pandas, array.astype(array.categories.dtype))
        labels = pandas.Index(names, dtype="str")
        tokens = pandas.Categorical.from_codes(array.codes, labels, ordered=array.ordered)
        # the order of categories is that of the values, unless the user gave it another
        return tokens if array.ordered else tokens.set_categories(sorted(names))


class _Remembered:
    """Results for the objects that were asked about last, which are held so that their identity is theirs."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._results: OrderedDict[int, tuple[Any, Any]] = OrderedDict()

    def get(self, key: Any) -> Any:
        found = self._results.get(id(key))
        return found[1] if found else None

    def add(self, key: Any, result: Any) -> Any:
        self._results[id(key)] = key, result
        while len(self._results) > self._most:
            self._results.popitem(last=False)
        return result


def masked_columns(value: Any) -> list[str]:
    """The names of the columns, index and levels of a frame or series that hold tokens."""
    return list(dict.fromkeys(str(name) for name, part in _parts(value) if _holds_tokens(part)))


def tokens_in(value: Any) -> set[str]:
    """Every token in a frame or series."""
    held = [part for _, part in _parts(value) if _holds_tokens(part)]
    return {each for part in held for each in part.array if is_token(each)}


def _parts(value: Any) -> list[tuple[Any, Any]]:
    """Name and content of everything in a frame or series."""
    import pandas as pd

    if not isinstance(value, pd.DataFrame | pd.Series):
        return []
    parts: list[tuple[Any, Any]] = [
        (name, value.index.get_level_values(at)) for at, name in enumerate(value.index.names)
    ]
    if isinstance(value, pd.Series):
        parts.append((value.name, value))
    else:
        parts += [(name, value.columns.get_level_values(at)) for at, name in enumerate(value.columns.names)]
        parts += [(label, value.iloc[:, at]) for at, label in enumerate(value.columns)]
    return parts


def _holds_tokens(part: Any) -> bool:
    first = part.array[: part.size].dropna()[:1]
    return len(first) > 0 and is_token(first[0])
