"""Which types the store knows as data, and how each is taken apart and put together again.

Libraries are met lazily, by the module of a value's type or by the kind in a manifest: a store of pandas
frames never imports Polars.
"""

from __future__ import annotations

import importlib
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from jupyter_mlops.errors import BadInputError
from jupyter_mlops.snapshot.looking import module_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import numpy as np
    from numpy.typing import NDArray

    from jupyter_mlops.snapshot.layout import Layout

_BY_LIBRARY = {
    "numpy": "forms_numpy",
    "pandas": "forms_pandas",
    "pyarrow": "forms_arrow",
    "polars": "forms_polars",
    "scipy": "forms_scipy",
}
_BY_KIND = {
    "dataframe": "pandas",
    "series": "pandas",
    "index": "pandas",
    "pandas array": "pandas",
    "array": "numpy",
    "masked array": "numpy",
    "matrix": "numpy",
    "record array": "numpy",
    "arrow table": "pyarrow",
    "arrow batch": "pyarrow",
    "arrow array": "pyarrow",
    "arrow chunks": "pyarrow",
    "polars dataframe": "polars",
    "polars series": "polars",
    "sparse": "scipy",
}


@dataclass(frozen=True)
class Form:
    """One kind of data.

    Attributes:
        kind: its name in manifests.
        take_apart: from a value to its layout; None if it holds something that would not come back.
        rebuild: from the head and the arrays of the columns to the value.
        has_rows: its columns are those of a table: rows can be found in it, and be forgotten.
        keep_rows: the value with only the rows at True; None where plain indexing does that.
    """

    kind: str
    take_apart: Callable[[Any], Layout | None]
    rebuild: Callable[[dict[str, Any], Iterator[Any]], Any]
    has_rows: bool = False
    keep_rows: Callable[[Any, NDArray[np.bool_]], Any] | None = None


_forms: dict[str, Form] = {}
_types: dict[int, Form] = {}


def register(form: Form, *types: type) -> None:
    """Make a form known for exactly these types; a subclass of the user's is another type."""
    _forms[form.kind] = form
    _types.update({id(cls): form for cls in types})


def form_of(cls: type) -> Form | None:
    """The form of a type; None if the store does not know it as data."""
    library = module_of(cls).partition(".")[0]
    # A class may claim any module: only what is imported already is worth a look.
    if library in _BY_LIBRARY and library in sys.modules:
        importlib.import_module(f"jupyter_mlops.snapshot.{_BY_LIBRARY[library]}")
    return _types.get(id(cls))


def form_named(kind: str) -> Form | None:
    """The form with that name in a manifest; None for kinds that are no data.

    Raises:
        BadInputError: its library is not installed.
    """
    library = _BY_KIND.get(kind)
    if library is None:
        return None
    try:
        importlib.import_module(library)
    except ImportError as error:
        raise BadInputError(
            f"The value is of kind {kind!r}, and {library} is not installed here.",
            f"Install {library} and try again.",
        ) from error
    importlib.import_module(f"jupyter_mlops.snapshot.{_BY_LIBRARY[library]}")
    return _forms[kind]


def has_rows(kind: str) -> bool:
    """True for kinds whose columns have one element for each row."""
    form = form_named(kind)
    return form is not None and form.has_rows
