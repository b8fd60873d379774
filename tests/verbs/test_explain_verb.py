"""`explain` of versions in a real store: with a hold-out, without one, with nothing kept, as a pickle."""

from __future__ import annotations

import json
import traceback
from dataclasses import dataclass, replace
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import make_column_transformer
from sklearn.ensemble import RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

import jupyter_mlops
from jupyter_mlops.bundle.runtime.engine_sklearn.trusted_types import TRUSTED
from jupyter_mlops.cli import run as mlops
from jupyter_mlops.errors import BadInputError, NotFoundError, UnsafeModelError
from jupyter_mlops.lineage.mirror import SliceFile
from jupyter_mlops.lineage.slice import Slice, SliceCell
from jupyter_mlops.registry.evidence import Evidence, Rows
from jupyter_mlops.registry.kept_evidence import EVIDENCE, write_evidence
from jupyter_mlops.registry.load import MODEL_DIGEST, file_digest
from jupyter_mlops.registry.model_card import CARD
from jupyter_mlops.registry.moves import move_alias
from jupyter_mlops.registry.registering import registering
from jupyter_mlops.registry.save import CLOUDPICKLE, SKOPS, model_file, save_model
from jupyter_mlops.settings import Settings, local_uri
from jupyter_mlops.snapshot import SnapshotStore
from jupyter_mlops.snapshot.schema import infer_schema
from jupyter_mlops.tracking.client import connect, experiment_id

if TYPE_CHECKING:
    from jupyter_mlops.widgets.explain import ExplainReport

EVIL = "<img src=x onerror=alert(1)>"
PENGUINS = Path(__file__).parents[2] / "example_notebooks" / "data" / "penguins.csv"
CODE = Slice(
    (SliceCell(1, 1, "birds = load()"), SliceCell(3, 3, "model = fit(birds)")),
    left_out=4,
    files=(SliceFile("penguins.csv", is_made=False, is_written=False, digest="f" * 64),),
    said="gave the same result in a clean process",
)

GATES = [
    {"name": "reproduced", "outcome": "passed", "figure": "equal", "details": {}},
    {"name": "size", "outcome": "warned", "figure": "2 MB", "details": {"mb": 2}},
]


@dataclass(frozen=True)
class Registered:
    """A project with the versions of one model, and the frames behind them."""

    settings: Settings
    evidence: Evidence
    training_digest: str


@pytest.fixture(scope="module")
def registered(tmp_path_factory: pytest.TempPathFactory) -> Registered:
    project = tmp_path_factory.mktemp("project")
    settings = Settings(project, local_uri(project))
    frame = pd.read_csv(PENGUINS).dropna(subset=["Body Mass (g)"]).reset_index(drop=True)
    features = frame[["Island", "Culmen Length (mm)", "Body Mass (g)", "Sex"]].astype({"Sex": "category"})
    texts, numbers = ["Island", "Sex"], ["Culmen Length (mm)", "Body Mass (g)"]
    words = make_pipeline(SimpleImputer(strategy="most_frequent"), OneHotEncoder())
    prepare = make_column_transformer((words, texts), (SimpleImputer(), numbers))
    test = np.arange(len(frame)) % 4 == 0
    training = Rows(features[~test], frame["Species"][~test], "X_train")
    model = make_pipeline(prepare, RandomForestClassifier(20, random_state=0))
    model.fit(training.features, training.target)
    evidence = Evidence(
        model=model,
        task="classification",
        training=training,
        holdout=Rows(features[test].assign(group="a"), frame["Species"][test], "X_test"),
        metrics={"accuracy": 0.9},
        checks=(),
        size_bytes=0,
    )
    store = SnapshotStore(settings.snapshots)
    digest = store.put(training.features).digest
    client = connect(settings)
    run = client.create_run(
        experiment_id(client, settings), run_name=f"birds {EVIL}", tags={"mlops.hypothesis": "bills tell"}
    ).info.run_id
    from mlflow.entities import Dataset, DatasetInput

    client.log_inputs(run, datasets=[DatasetInput(Dataset("X_train", digest, "local", "{}"))])
    elsewhere = SnapshotStore(tmp_path_factory.mktemp("elsewhere"))
    kinds = [
        (SKOPS, write_evidence(evidence, store)),
        (SKOPS, write_evidence(replace(evidence, holdout=None), store)),
        (SKOPS, write_evidence(replace(evidence, training=replace(training, said="other")), elsewhere)),
        (CLOUDPICKLE, write_evidence(evidence, store)),
        (CLOUDPICKLE, write_evidence(evidence, store)),
    ]
    kinds[2] = (SKOPS, kinds[2][1].replace('"features": "', '"features": "0'))  # as of data that was not kept
    for number, (serialization, text) in enumerate(kinds, 1):
        folder = tmp_path_factory.mktemp("saved") / "model"
        save_model(
            model,
            folder,
            schema=infer_schema(training.features),
            rows=training.features.head(5),
            serialization=serialization,
            trusted=TRUSTED,
            extra={
                "slice.json": CODE.to_json(),
                EVIDENCE: text,
                "gates.json": json.dumps(GATES),
                CARD: "# Card",
            },
        )
        tags = {
            "mlops.run": f"birds {EVIL}",
            "mlops.verified": "true",
            "mlops.gates": json.dumps({"passed": 7, "warned": 1, "failed": 0}),
            MODEL_DIGEST: file_digest(model_file(folder)[0]) if number < 5 else "0" * 64,
        }
        with registering(settings, "birds", run, folder, f"promoted/{number}", tags):
            if number == 1:
                move_alias(settings, "birds", "1", why=f"best so far {EVIL}", approved_by="Ann")
    return Registered(settings, evidence, digest)


@pytest.fixture
def birds(registered: Registered, monkeypatch: pytest.MonkeyPatch) -> Registered:
    """This process works in that project."""
    monkeypatch.setenv("MLOPS_PROJECT", str(registered.settings.project))
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    monkeypatch.chdir(registered.settings.project)
    return registered


def test_a_champion_is_explained_on_its_hold_out_with_where_it_comes_from(birds: Registered) -> None:
    found = jupyter_mlops.explain("birds@champion", [0, 3])
    explanation = found.explanation
    assert explanation.measured_on == "86 rows of X_test"
    assert explanation.metric == "accuracy"
    assert {each.column for each in explanation.importance[:2]} == {"Island", "Culmen Length (mm)"}
    assert explanation.method.startswith("TreeSHAP")
    assert explanation.notes == ()
    held = birds.evidence.holdout
    assert held is not None
    asked = held.features.iloc[[0, 3]]
    assert [row.prediction for row in explanation.rows] == birds.evidence.model.predict(asked).tolist()
    assert explanation.rows[0].values["Island"] == asked["Island"].iloc[0]
    text = str(found.in_full())
    for said in (
        "birds version 1 (champion)",
        "2 statements in 2 cells: gave the same result in a clean process",
        "hypothesis  bills tell",
        "files        penguins.csv, content ffffffffffff",
        f"X_train, 256 rows, content {birds.training_digest[:12]}",
        "7 passed, 1 warned",
        "warned            size: 2 MB",
        "approved by       Ann",
        "model card        promoted/1/mlops/model_card.md",
        f"best so far {EVIL}",
        "%mlops models birds --history",
        f"%mlops restore 'birds {EVIL}:X_train'",
        f"%mlops show 'birds {EVIL}' --code",
    ):
        assert said in text
    data = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert data["gates"] == {"counts": {"passed": 7, "warned": 1, "failed": 0}, "each": GATES}
    assert data["data"]["training"]["features"] == birds.training_digest
    assert data["explanation"]["rows"][1]["row"] == str(asked.index[1])


def test_rows_of_a_file_are_read_as_training_knew_them(
    birds: Registered, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    held = birds.evidence.holdout
    assert held is not None
    rows = held.features.iloc[[5]][::-1].assign(Species="not for the model")
    rows.to_csv(tmp_path / "rows.csv", index=False)
    assert mlops(["explain", "birds@champion", str(tmp_path / "rows.csv"), "--json"]) == 0
    by_file = json.loads(capsys.readouterr().out)["explanation"]["rows"]
    by_place = jupyter_mlops.explain("birds", [5]).to_dict()["explanation"]["rows"]
    assert by_file[0]["contributions"] == pytest.approx(by_place[0]["contributions"])
    assert "Species" not in by_file[0]["values"]


def test_rows_that_are_no_such_rows_are_refused_by_the_names_of_their_columns(
    birds: Registered, capsys: pytest.CaptureFixture[str]
) -> None:
    held = birds.evidence.holdout
    assert held is not None
    rows = held.features.head(2)
    with pytest.raises(BadInputError, match="no column 'Island', 'Sex'"):
        jupyter_mlops.explain("birds", rows.drop(columns=["Sex", "Island"]))
    hidden = "".join(["At", "lantis"])  # not as a word: a traceback shows these lines
    with pytest.raises(BadInputError, match="'Culmen Length \\(mm\\)' cannot be read as float64") as refused:
        jupyter_mlops.explain("birds", rows.assign(**{"Culmen Length (mm)": hidden}))
    assert hidden not in "".join(traceback.format_exception(refused.value))
    with pytest.raises(BadInputError, match="does not answer for these rows \\(ValueError\\)") as refused:
        jupyter_mlops.explain("birds", rows.assign(Island=hidden))
    assert hidden not in "".join(traceback.format_exception(refused.value))
    with pytest.raises(BadInputError, match="no rows"):
        jupyter_mlops.explain("birds", rows.head(0))
    with pytest.raises(BadInputError, match="no row 86 in X_test"):
        jupyter_mlops.explain("birds", [0, 86])
    with pytest.raises(BadInputError, match="type str"):
        jupyter_mlops.explain("birds", "rows.csv")
    with pytest.raises(NotFoundError, match="Did you mean 'birds'"):
        jupyter_mlops.explain("bird")
    assert mlops(["explain", "birds", "--rows", "first"]) == 2
    assert mlops(["explain", "birds", "rows.csv", "--rows", "1"]) == 2
    assert "Traceback" not in capsys.readouterr().err


def test_without_a_hold_out_the_rows_of_training_are_used_and_it_is_said(birds: Registered) -> None:
    explanation = jupyter_mlops.explain("birds/2").explanation
    assert explanation.measured_on == "256 rows of X_train"
    assert "no hold-out was kept" in explanation.notes[0]
    assert explanation.rows == ()


def test_with_nothing_kept_the_example_rows_are_used_and_it_is_said(birds: Registered) -> None:
    found = jupyter_mlops.explain("birds/3", [0])
    assert found.explanation.importance == ()
    assert "only the example rows" in found.explanation.notes[0]
    assert found.explanation.rows[0].values["Island"] == birds.evidence.training.features["Island"].iloc[0]
    assert found.explanation.residual < 1e-9


def test_a_pickle_is_loaded_only_by_word_and_only_as_it_was_registered(birds: Registered) -> None:
    with pytest.raises(UnsafeModelError, match="would run the code in it"):
        jupyter_mlops.explain("birds/4")
    assert jupyter_mlops.explain("birds/4", trust=True).explanation.metric == "accuracy"
    with pytest.raises(UnsafeModelError, match="not the one that was registered"):
        jupyter_mlops.explain("birds/5", trust=True)


class _Tags(HTMLParser):
    """Every element that a browser would make."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.found.add(tag)
        assert {name for name, _ in attrs} <= {"style", "title", "aria-hidden", "scope"}


def test_what_people_write_stays_text_and_what_changes_stays_out_of_the_text(birds: Registered) -> None:
    found: ExplainReport = jupyter_mlops.explain("birds@champion", [0])
    bundle = found._repr_mimebundle_()
    assert EVIL not in bundle["text/html"]
    assert _Tags(bundle["text/html"]).found <= {
        *("div", "table", "caption", "thead", "tbody", "tr", "th", "td", "span", "bdi"),
        *("dl", "dt", "dd", "pre"),
    }
    assert str(jupyter_mlops.explain("birds@champion", [0])) == bundle["text/plain"]
    assert "run id" not in bundle["text/plain"]
    assert "champion by" in str(found.in_full())
    assert "champion by" not in bundle["text/plain"]
