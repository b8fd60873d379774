"""What people write into names, hypotheses and reasons is shown as text, never run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from notebook_in_process import Notebook

EVIL = "<img src=x onerror=alert(1)>"

FIT = f"""%%mlops track --name "{EVIL}" --hypothesis "{EVIL}" --tag note={EVIL}
from sklearn.linear_model import LinearRegression
note = "{EVIL}"
small = X_train[["age", "fnlwgt"]].head(50)
model = LinearRegression().fit(small, X_train["age"].head(50))
"""


@pytest.fixture(scope="module")
def marked(notebook: Notebook) -> Notebook:
    notebook.done(FIT.replace("--tag note=<img src=x onerror=alert(1)>", '--tag "note=<img src=x>"'))
    notebook.done(f'%mlops promote model --as "{EVIL[:4]} model" --reason "{EVIL}"')
    return notebook


@pytest.mark.parametrize("verb", ["runs", "show", "models", 'models "<img model" --history', "track status"])
def test_markup_in_the_users_words_stays_text(marked: Notebook, verb: str) -> None:
    shown = marked.done(f"%mlops {verb}").value._repr_mimebundle_()
    assert {"text/plain", "text/html"} <= set(shown)
    assert "<img" not in shown["text/html"]
    assert "&lt;img" in shown["text/html"] or verb == "track status"


def test_names_of_columns_stay_text_in_a_drift_report(marked: Notebook) -> None:
    marked.done(f"left = small.rename(columns={{'age': '{EVIL}'}})")
    assert "<img" not in marked.done("%mlops drift left left").value._repr_mimebundle_()[0]["text/html"]
