"""States of random generators: digests in every record, the state where a cell drew, and back again."""

from __future__ import annotations

import importlib
import json
import random
import subprocess
import sys
import threading
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from jupyter_mlops.lineage.record import NUMPY_RANDOM, PYTHON_RANDOM, CellRecord
from jupyter_mlops.lineage.script import on_its_own
from jupyter_mlops.lineage.slice import Slice, slice_name
from jupyter_mlops.notebook.journal import read_journal
from jupyter_mlops.notebook.randomness import (
    drawn_by_imports,
    global_states,
    held_states,
    set_back,
    unpacked,
)
from jupyter_mlops.snapshot.looking import imported

if TYPE_CHECKING:
    from tracked_shell import TrackedShell

GENERATORS = {
    "Random": lambda: random.Random(5),
    "RandomState": lambda: np.random.RandomState(5),
    "PCG64": lambda: np.random.default_rng(5),
    "MT19937": lambda: np.random.Generator(np.random.MT19937(5)),
    "Philox": lambda: np.random.Generator(np.random.Philox(5)),
    "SFC64": lambda: np.random.Generator(np.random.SFC64(5)),
    "RandomState of PCG64": lambda: np.random.RandomState(np.random.PCG64(5)),
}


def draw(generator: Any) -> list[float]:
    return [
        generator.normalvariate() if type(generator) is random.Random else generator.normal() for _ in "123"
    ]


@pytest.mark.parametrize("kind", GENERATORS)
def test_a_state_survives_json_and_gives_the_same_numbers_again(kind: str) -> None:
    generator = GENERATORS[kind]()
    draw(generator)  # an odd number of Gaussians: one may be kept for later
    state = held_states(["rng"], {"rng": generator})["rng"]
    text = json.dumps({"digest": state.digest, "state": state.packed()})
    first = draw(generator)
    other = GENERATORS[kind]()
    assert set_back({"rng": json.loads(text)}, {"rng": other}) == ["rng"]
    assert draw(other) == first
    assert unpacked(json.loads(text)["state"]).digest == state.digest


def test_any_difference_of_a_state_gives_another_digest() -> None:
    def digest() -> str:
        return held_states(["rng"], {"rng": rng})["rng"].digest

    rng = np.random.RandomState(0)
    seen = {digest()}
    rng.normal()  # keeps a second Gaussian
    seen.add(digest())
    rng.normal()
    seen.add(digest())
    rng.random_sample(312)  # the position alone is where it was
    seen.add(digest())
    assert len(seen) == 4


def test_what_is_no_generator_or_another_kind_is_left_alone() -> None:
    state = held_states(["rng"], {"rng": np.random.default_rng(1)})["rng"]
    wanted = {"rng": {"digest": state.digest, "state": state.packed()}}
    other = random.Random(1)
    before = other.getstate()
    for value in (other, np.random.Generator(np.random.SFC64(1)), "text", None):
        assert set_back(wanted, {"rng": value}) == []
    assert set_back(wanted, {}) == []
    assert other.getstate() == before


def test_a_subclass_is_not_asked_for_its_state() -> None:
    class Mine(random.Random):
        def getstate(self) -> Any:
            raise AssertionError("code of the user ran")

    assert held_states(["rng"], {"rng": Mine()}) == {}
    assert held_states(["rng"], {"rng": random.SystemRandom()}) == {}


def test_every_record_has_the_digests_and_only_a_cell_that_drew_has_the_state(notebook: TrackedShell) -> None:
    notebook.run("import numpy as np, random")
    quiet = notebook.run("a = 1 + 1")
    assert {name: state.digest for name, state in quiet.random.items()} == {
        name: state.digest for name, state in global_states().items()
    }
    assert all(state.state is None for state in quiet.random.values())
    drew = notebook.run("b = np.random.rand()")
    assert drew.random[NUMPY_RANDOM].digest == quiet.random[NUMPY_RANDOM].digest
    assert drew.random[NUMPY_RANDOM].state is not None
    assert drew.random[PYTHON_RANDOM].state is None
    seeded = notebook.run("np.random.seed(3)\nc = np.random.rand()")
    assert seeded.random[NUMPY_RANDOM].state is None, "what was before a seed does not matter"


def test_generators_in_variables_are_recorded_when_a_cell_reads_them(notebook: TrackedShell) -> None:
    notebook.run("import numpy as np, random\nrng = np.random.default_rng()\nold = random.Random()")
    drew = notebook.run("x = rng.normal()")
    assert drew.random["rng"].state is not None
    assert "old" not in drew.random
    looked = notebook.run("kind = type(rng)")
    assert looked.random["rng"].digest != drew.random["rng"].digest
    assert looked.random["rng"].state is None


def test_the_recorded_state_is_the_one_before_the_cell(notebook: TrackedShell) -> None:
    notebook.run("import numpy as np")
    record = notebook.run("drawn = np.random.rand(3).tolist()")
    state = record.random[NUMPY_RANDOM].state
    assert state is not None
    again = np.random.RandomState()
    again.set_state(unpacked(state).raw)
    assert again.rand(3).tolist() == notebook["drawn"]


def test_a_record_with_states_survives_the_journal(notebook: TrackedShell) -> None:
    notebook.run("import numpy as np")
    record = notebook.run("x = np.random.rand()")
    last = list(read_journal(notebook.session.journal.path))[-1]
    assert CellRecord.from_dict(last) == record
    del last["random"]  # as journals were before
    assert CellRecord.from_dict(last).random == {}


def test_numbers_drawn_by_the_cell_that_imported_numpy_have_a_known_start(project: Any) -> None:
    code = """
import json, sys
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config
from jupyter_mlops.notebook.session import open_session
from jupyter_mlops.settings import load_settings
config = Config()
config.HistoryManager.enabled = False
shell = InteractiveShell.instance(config=config)
session = open_session(shell, load_settings())
session.start()
assert "numpy" not in sys.modules
shell.run_cell("import numpy as np\\ndrawn = np.random.rand(700).tolist()", store_history=True)
record = session.records[-1]
print(json.dumps([record.random["<numpy.random>"].state, shell.user_ns["drawn"]]))
session.end()
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    state, drawn = json.loads(done.stdout.splitlines()[-1])
    again = np.random.RandomState()
    again.set_state(unpacked(state).raw)
    assert again.rand(700).tolist() == drawn


def test_a_library_that_a_thread_is_still_importing_is_not_asked(
    notebook: TrackedShell, project: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, go_on = threading.Event(), threading.Event()
    (project.project / "slow_library.py").write_text("begun.set()\ngo_on.wait(60)\nname = 1\n")
    monkeypatch.syspath_prepend(str(project.project))
    monkeypatch.setattr("builtins.begun", begun, raising=False)
    monkeypatch.setattr("builtins.go_on", go_on, raising=False)
    thread = threading.Thread(target=importlib.import_module, args=["slow_library"])
    thread.start()
    assert begun.wait(60)
    assert "slow_library" in sys.modules
    assert imported("slow_library") is None
    go_on.set()
    thread.join()
    assert imported("slow_library").name == 1
    assert imported("not_imported_at_all") is None
    sys.modules.pop("slow_library")

    monkeypatch.setattr(np.random.__spec__, "_initializing", True, raising=False)
    assert NUMPY_RANDOM not in notebook.run("a = 1").random


def starts(code: Slice) -> dict[int | None, tuple[str, ...]]:
    return {cell.count: cell.starts for cell in code.cells if cell.starts}


def test_a_slice_says_where_it_needs_a_recorded_state(notebook: TrackedShell) -> None:
    notebook.run("import numpy as np")
    first = notebook.run("a = np.random.rand()")
    notebook.run("out = a + np.random.rand()")
    code = slice_name(notebook.session.records, "out")
    assert starts(code) == {first.count: (NUMPY_RANDOM,)}
    assert "numpy.random.set_state(" in on_its_own(code.cells[1]).source
    assert Slice.from_json(code.to_json()) == code


def test_a_slice_that_seeds_needs_no_recorded_state(notebook: TrackedShell) -> None:
    notebook.run("import numpy as np\nnp.random.seed(1)")
    notebook.run("rng = np.random.default_rng(1)")
    notebook.run("out = np.random.rand() + rng.normal()")
    code = slice_name(notebook.session.records, "out")
    assert starts(code) == {}
    assert "recorded" not in code.code


def test_a_seed_in_a_cell_from_before_tracking_needs_no_recorded_state(untracked: TrackedShell) -> None:
    untracked.execute("import numpy as np")
    untracked.execute("np.random.seed(1)\na = np.random.rand()")
    untracked.track()
    untracked.run("out = np.random.rand()")
    code = slice_name(untracked.session.records, "out")
    assert starts(code) == {}


def test_only_words_that_name_pythons_generator_count_as_using_it() -> None:
    for source in ("import x; np.random.rand()", "from sklearn import x; f(random_state=1)"):
        assert drawn_by_imports(source, (), may_draw=True, has_imported=True) == {PYTHON_RANDOM}
    for source in ("import random; random.random()", "from random import shuffle; shuffle(x)"):
        assert drawn_by_imports(source, (), may_draw=True, has_imported=True) == set()


def test_what_a_class_draws_counts_though_a_module_is_imported_meanwhile(
    notebook: TrackedShell, project: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    (project.project / "late.py").write_text("NUMBER = 1\n")
    monkeypatch.syspath_prepend(project.project)
    notebook.run("import random, importlib")
    notebook.run(
        "class Model:\n    def fit(self):\n        importlib.import_module('late')\n"
        "        self.rows = random.sample(range(1000), 3)"
    )
    notebook.run("model = Model()")
    fitted = notebook.run("model.fit()")
    sys.modules.pop("late")
    assert fitted.random[PYTHON_RANDOM].state is not None


def test_a_generator_made_without_a_seed_starts_from_its_recorded_state(notebook: TrackedShell) -> None:
    notebook.run("import numpy as np\nrng = np.random.default_rng()")
    notebook.run("a = rng.normal()")
    notebook.run("out = a + rng.normal()")
    code = slice_name(notebook.session.records, "out")
    assert list(starts(code).values()) == [("rng",)]
    assert "rng.bit_generator.state = " in on_its_own(code.cells[1]).source


def test_what_an_import_drew_is_no_start(notebook: TrackedShell, project: Any) -> None:
    (project.project / "draws_at_import.py").write_text("import random\nNUMBER = random.random()\n")
    notebook.run("import sys\nsys.path.insert(0, '.')")
    notebook.run("import draws_at_import\nn = 2 * 3")
    notebook.run("import random")
    drew = notebook.run("out = random.random() + n")
    sys.modules.pop("draws_at_import")
    assert starts(slice_name(notebook.session.records, "out")) == {drew.count: (PYTHON_RANDOM,)}
