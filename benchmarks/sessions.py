"""The sessions: what a user types, cell by cell, and the same with MLflow calls written by hand."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Cell:
    """One cell; `by_hand` is the cell of a user who logs a run with MLflow's fluent calls."""

    source: str
    by_hand: str | None = None


@dataclass(frozen=True)
class Session:
    """Cells in the order they run. `what` is a short description for the reader."""

    name: str
    what: str
    cells: tuple[Cell, ...]
    found: int = 0
    """Cells that tracking makes runs of, where nobody logs by hand."""

    @property
    def runs(self) -> int:
        """How many runs tracking makes."""
        return len(self.logs) or self.found

    @property
    def logs(self) -> tuple[int, ...]:
        """Positions of the cells that are runs."""
        return tuple(position for position, cell in enumerate(self.cells) if cell.by_hand)

    def sources(self, *, by_hand: bool = False) -> list[str]:
        """What is executed."""
        return [(cell.by_hand if by_hand else None) or cell.source for cell in self.cells]


def _logged(body: str, after: str) -> str:
    """`body` inside ``with mlflow.start_run():``, followed there by what is logged."""
    inside = "\n".join(f"    {line}" for line in [*body.splitlines(), *after.splitlines()])
    return f"with mlflow.start_run():\n{inside}"


FRAMES = Session(
    "frames",
    "an 80 MB frame of random numbers: columns added, a groupby, a filter, a ridge regression",
    (
        Cell(
            "import numpy as np, pandas as pd\n"
            "from sklearn.linear_model import Ridge\n"
            "rs = np.random.RandomState(0)\n"
            "df = pd.DataFrame(rs.rand(500_000, 20), columns=['c%d' % i for i in range(20)])"
        ),
        Cell("df.head()"),
        Cell("d = df.describe()"),
        Cell("df['s'] = df['c0'] + df['c1']"),
        Cell("df['g'] = (df['c2'] * 10).astype(int)"),
        Cell("g = df.groupby('g').mean()"),
        Cell("sub = df[df['c3'] > 0.5].copy()"),
        Cell("sub.drop(columns=['c19'], inplace=True)"),
        Cell("X = sub.drop(columns=['s']).to_numpy(); y = sub['s'].to_numpy()"),
        Cell("m = Ridge()"),
        Cell(
            "m.fit(X, y)",
            _logged(
                "m.fit(X, y)",
                "mlflow.log_params({'estimator': 'Ridge'})\n"
                "mlflow.log_input(mlflow.data.from_numpy(X, targets=y), context='training')",
            ),
        ),
        Cell("p = m.predict(X)"),
        Cell("err = ((p - y) ** 2).mean()"),
        Cell("err"),
    ),
)

LOOPS = Session(
    "loops",
    "plain Python loops, lists and dicts, a function, a frame of 1,000 rows; no model",
    (
        Cell("import pandas as pd, random"),
        Cell("t = 0\nfor i in range(20000):\n    t += i * i % 7"),
        Cell("def f(n):\n    s = 0\n    for i in range(n):\n        s += i * i % 7\n    return s"),
        Cell("r = f(20000)"),
        Cell("acc = []\nfor i in range(10000):\n    if i % 3 == 0:\n        acc.append(i)"),
        Cell("d = {}\nfor i in range(10000):\n    d[i % 100] = d.get(i % 100, 0) + 1"),
        Cell("sq = [x * x for x in range(20000)]"),
        Cell("df = pd.DataFrame({'a': range(1000), 'b': range(1000)})"),
        Cell("tot = 0\nfor _, row in df.iterrows():\n    tot += row['a'] * row['b']"),
        Cell("z = df.apply(lambda r: r['a'] + r['b'], axis=1)"),
    ),
)

_READ = """\
names = ["age", "workclass", "fnlwgt", "education", "education-num", "marital-status", "occupation",
         "relationship", "race", "sex", "capital-gain", "capital-loss", "hours-per-week", "native-country",
         "income"]
people = pd.read_csv("data/adult.csv", header=None, names=names, skipinitialspace=True, na_values="?")"""

_PREPARE = """\
prepare = make_column_transformer(
    (StandardScaler(), make_column_selector(dtype_include="number")),
    (OneHotEncoder(handle_unknown="ignore"), make_column_selector(dtype_exclude="number")),
)"""

_LINEAR = """\
C = 0.3
linear = make_pipeline(prepare, LogisticRegression(C=C, max_iter=300))
linear.fit(X_train, y_train)
auc = roc_auc_score(y_test, linear.predict_proba(X_test)[:, 1])"""

_FOREST = """\
depth = 8
forest = make_pipeline(prepare, RandomForestClassifier(n_estimators=30, max_depth=depth, random_state=0))
forest.fit(X_train, y_train)
auc = roc_auc_score(y_test, forest.predict_proba(X_test)[:, 1])"""

# Tracking notes every frame and series a run read; by hand that is one `log_input` each.
_TRAIN_INPUTS = """\
mlflow.log_input(mlflow.data.from_pandas(X_train), context="X_train")
mlflow.log_input(mlflow.data.from_pandas(y_train.to_frame()), context="y_train")"""
_TEST_INPUTS = """\
mlflow.log_input(mlflow.data.from_pandas(X_test), context="X_test")
mlflow.log_input(mlflow.data.from_pandas(y_test.to_frame()), context="y_test")"""

ADULT = Session(
    "adult",
    "the adult census (32,561 × 15, mostly text): read, look, split, two pipelines, a score",
    (
        Cell(
            "import pandas as pd\n"
            "from sklearn.compose import make_column_selector, make_column_transformer\n"
            "from sklearn.ensemble import RandomForestClassifier\n"
            "from sklearn.linear_model import LogisticRegression\n"
            "from sklearn.metrics import roc_auc_score\n"
            "from sklearn.model_selection import train_test_split\n"
            "from sklearn.pipeline import make_pipeline\n"
            "from sklearn.preprocessing import OneHotEncoder, StandardScaler"
        ),
        Cell(_READ),
        Cell("people.head()"),
        Cell('people.describe(include="all")'),
        Cell('X = people.drop(columns=["income", "fnlwgt"]); y = people["income"] == ">50K"'),
        Cell("X_train, X_test, y_train, y_test = train_test_split(X, y, stratify=y, random_state=0)"),
        Cell(_PREPARE),
        Cell(
            _LINEAR,
            _logged(
                _LINEAR,
                'mlflow.log_params({"estimator": "LogisticRegression", "C": C, "max_iter": 300})\n'
                f'mlflow.log_metrics({{"auc": auc}})\n{_TRAIN_INPUTS}\n{_TEST_INPUTS}',
            ),
        ),
        Cell(
            _FOREST,
            _logged(
                _FOREST,
                'mlflow.log_params({"estimator": "RandomForestClassifier", "n_estimators": 30,'
                ' "depth": depth, "random_state": 0})\n'
                f'mlflow.log_metrics({{"auc": auc}})\n{_TRAIN_INPUTS}\n{_TEST_INPUTS}',
            ),
        ),
        Cell(
            "forest.score(X_test, y_test)",
            _logged(
                "score = forest.score(X_test, y_test)",
                f'mlflow.log_metrics({{"score": score}})\n{_TEST_INPUTS}',
            )
            + "\nscore",
        ),
    ),
)


def _ridge(alpha: float) -> Cell:
    body = f"alpha = {alpha}\nmodel = Ridge(alpha=alpha).fit(X, y)\nr2 = model.score(X, y)"
    return Cell(
        body,
        _logged(
            body,
            'mlflow.log_params({"estimator": "Ridge", "alpha": alpha})\n'
            'mlflow.log_metrics({"r2": r2})\n'
            'mlflow.log_input(mlflow.data.from_pandas(X), context="X")\n'
            'mlflow.log_input(mlflow.data.from_pandas(y.to_frame()), context="y")',
        ),
    )


RIDGES = Session(
    "ridges",
    "twenty fits on the 442 × 10 diabetes data, one a cell: the cost of a run itself",
    (
        Cell(
            "from sklearn.datasets import load_diabetes\nfrom sklearn.linear_model import Ridge\n"
            "X, y = load_diabetes(return_X_y=True, as_frame=True)"
        ),
        *(_ridge(round(0.1 * step, 1)) for step in range(1, 21)),
    ),
)

EXPLORE = Session(
    "explore",
    "breast cancer data (569 × 31): a look, a plot, edits in place, an alias, cells run twice, two models",
    (
        Cell(
            "import numpy as np\n"
            "import pandas as pd\n"
            "import matplotlib\n"
            'matplotlib.use("Agg")\n'
            "import matplotlib.pyplot as plt\n"
            "from sklearn.datasets import load_breast_cancer\n"
            "from sklearn.linear_model import LogisticRegression\n"
            "from sklearn.ensemble import RandomForestClassifier\n"
            "from sklearn.model_selection import train_test_split\n"
            "from sklearn.preprocessing import StandardScaler\n"
            "raw = load_breast_cancer(as_frame=True)\n"
            "df = raw.frame.copy()"
        ),
        Cell(
            "df.head()\n"
            "df.describe()\n"
            "corr = df.corr()\n"
            'top = corr["target"].abs().sort_values(ascending=False).head(5)\n'
            "top"
        ),
        Cell(
            "fig, ax = plt.subplots()\n"
            'ax.hist(df["mean area"], bins=30)\n'
            'ax.set_title("mean area")\n'
            "plt.close(fig)"
        ),
        Cell('SCALE = 10.0\ndef add_feats(d): d["area_ratio"] = d["worst area"] / d["mean area"] * SCALE'),
        Cell('df["log_area"] = np.log(df["mean area"])\ndf.drop(columns=["mean perimeter"], inplace=True)'),
        Cell('b = df\nb["smooth2"] = b["mean smoothness"] ** 2'),
        Cell("add_feats(df)"),
        Cell('SCALE = 2.0\ndef add_feats(d): d["area_ratio"] = d["worst area"] / d["mean area"] * SCALE'),
        Cell('df["log_area"] = df["log_area"] * 2 + 1'),
        Cell('df["log_area"] = df["log_area"] * 2 + 1'),
        Cell('np.random.seed(7)\ncfg = {"C": 1.0, "max_iter": 200}\nparams = cfg\nparams["C"] = 0.05'),
        Cell(
            'df["noise"] = np.random.rand(len(df))\n'
            "features = []\n"
            "for col in df.columns:\n"
            '    if col != "target" and not col.endswith("error"): features.append(col)'
        ),
        Cell(
            'X, y = df[features], df["target"]\n'
            "X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=3)\n"
            "scaler = StandardScaler()\n"
            "scaler.fit(X_train)"
        ),
        Cell(
            "model = RandomForestClassifier(n_estimators=10, random_state=0)\n"
            "model.fit(scaler.transform(X_train), y_train)\n"
            "print(model.score(scaler.transform(X_test), y_test))"
        ),
        Cell(
            'summary = df.groupby("target").mean()\n'
            "counts = {}\n"
            'for t in df["target"]: counts[t] = counts.get(t, 0) + 1\n'
            "summary"
        ),
        Cell("model = LogisticRegression(**cfg)\nmodel.fit(scaler.transform(X_train), y_train)"),
        Cell('features.append("junk")\ndf["after"] = 0'),
        Cell("preds = model.predict_proba(scaler.transform(X_test))"),
    ),
    found=3,
)

SESSIONS = {session.name: session for session in (LOOPS, EXPLORE, FRAMES, ADULT, RIDGES)}
