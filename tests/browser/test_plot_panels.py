"""The plots of a comparison on its saved page, in Chromium: mouse, keyboard, words, sizes and themes."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pytest
from barriers import serious_findings
from playwright.sync_api import Browser, Locator, Page, expect

from jupyter_mlops.errors import StoreError
from jupyter_mlops.tracking.run_table import RunTable
from jupyter_mlops.widgets.compare import Comparison

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

HOSTILE = "<img src=x onerror='window.hacked=1'>\u202egnp"
MODELS = ("forest", "boosting", HOSTILE)
DARK = """() => { for (const [name, colour] of [["layout-color1", "#111"], ["content-font-color1", "#fff"],
    ["brand-color1", "#2196f3"], ["ui-font-color2", "#aaa"]])
    document.documentElement.style.setProperty(`--jp-${name}`, colour); }"""
# JupyterLab takes the old theme away first, then loads the new one: that cancels the transition of colours.
IN_PIECES = f"""() => {{
    document.documentElement.style.setProperty("--jp-brand-color1", "#0f0");
    document.querySelectorAll(".mlops-plot-probe > *").forEach(node => {{
        getComputedStyle(node).color;
        node.style.transition = "none";
    }});
    ({DARK})();
}}"""
# The page's stand-in for a kernel hands questions on to Python, as Jupyter would.
KERNEL = """save_changes() {},
  send: async (message) => {
    for (const answer of await window.kernel(message))
      for (const listener of listeners.get("msg:custom") ?? []) listener(answer);
  },"""
# Texts and controls that stick out of the panel.
CUT = """panel => {
    const box = panel.getBoundingClientRect();
    const told = panel.querySelectorAll("svg text, .mlops-plot-name, .mlops-plot-controls > *");
    const out = [...told].filter(node => {
        const { left, right, width } = node.getBoundingClientRect();
        return width && (left < box.left - 0.5 || right > box.right + 0.5);
    });
    return out.map(node => node.textContent);
}"""


def runs(count: int = 60) -> RunTable:
    """Runs whose auc has its best in the middle of the learning rates; every seventh has no brier score."""
    rates = [10 ** (-4 + 3 * (i * 7 % count) / count) for i in range(count)]
    auc = [0.9 - 0.05 * (math.log10(rate) + 2.5) ** 2 + 0.01 * (i % 3) for i, rate in enumerate(rates)]
    return RunTable(
        [f"run-{i}" if i else HOSTILE for i in range(count)],
        [str(i) for i in range(count)],
        metrics={
            "auc": auc,
            "brier": [math.nan if i % 7 == 0 else 0.3 - 0.2 * value for i, value in enumerate(auc)],
            "fit_seconds": [1.0 + (i * 13) % count for i in range(count)],
        },
        params={
            "learning_rate": [f"{rate:.6g}" for rate in rates],
            "model": [MODELS[i % 3] for i in range(count)],
            "folds": ["5"] * count,
        },
        info={"started": [f"2026-03-01 10:{i // 60 % 60:02}:{i % 60:02}" for i in range(count)]},
    )


@pytest.fixture
def opened(browser: Browser, tmp_path: Path) -> Iterator[Callable[..., Page]]:
    """Open a tab of a saved comparison; at the end nothing may have been run or complained of."""
    pages: list[Page] = []
    complaints: list[str] = []

    def open_tab(name: str, table: RunTable | None = None, width: int = 1010) -> Page:
        page = browser.new_page(viewport={"width": width, "height": 640})
        page.set_default_timeout(60_000)
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(Comparison(table or runs()).to_html(tmp_path / "runs.html").as_uri())
        page.get_by_role("tab", name=name).click()
        pages.append(page)
        return page

    yield open_tab
    assert complaints == []
    for page in pages:
        assert page.evaluate("() => window.hacked") is None
        page.close()


@pytest.fixture
def asking(browser: Browser, tmp_path: Path) -> Iterator[Callable[..., Page]]:
    """Open the history of a comparison whose kernel answers with `history`."""
    pages: list[Page] = []

    def open_history(history: Callable[[dict[str, Any]], Any]) -> Page:
        comparison = Comparison(runs(), answers={"history": history})
        said: list[dict[str, Any]] = []
        comparison.send = lambda content, buffers=None: said.append(content)

        def kernel(message: dict[str, Any]) -> list[dict[str, Any]]:
            said.clear()
            comparison._handle_custom_msg(message, [])
            return list(said)

        path = comparison.to_html(tmp_path / "asking.html")
        text = path.read_text(encoding="utf-8").replace("save_changes() {},", KERNEL)
        path.write_text(text.replace("const listeners = ", 'state._asks = ["history"];\nconst listeners = '))
        page = browser.new_page(viewport={"width": 1010, "height": 640})
        page.set_default_timeout(60_000)
        page.expose_function("kernel", kernel)
        page.goto(path.as_uri())
        page.get_by_role("tab", name="History").click()
        pages.append(page)
        return page

    yield open_history
    for page in pages:
        page.close()


def axis(page: Page, name: str) -> Locator:
    return page.get_by_role("button", name=f"Axis {name}")


def axes(page: Page) -> list[str]:
    return [text.split()[0] for text in page.locator(".mlops-plot-name").all_text_contents()]


def brush(page: Page, start: tuple[float, float], end: tuple[float, float]) -> int:
    """Drag from here to there, and wait until the comparison has the runs that the plot keeps; how many."""
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move(*end, steps=3)
    page.mouse.up()
    # The plot's own sentence follows each move at once, the comparison once a frame.
    sentence = page.locator(".mlops-plot-sentence:visible").inner_text()
    assert "brushed" in sentence
    kept = int(sentence.split()[0])
    expect(page.get_by_role("status").first).to_have_text(f"{kept} of 60 runs, brushed")
    return kept


def test_a_brush_on_an_axis_filters_the_table_until_it_is_ended(opened: Callable[..., Page]) -> None:
    page = opened("Parallel")
    count = page.get_by_role("status").first
    box = page.locator(".mlops-plot-grip").last.bounding_box()  # auc stands last
    assert box
    x = box["x"] + box["width"] / 2
    inside = brush(page, (x, box["y"] + 2), (x, box["y"] + box["height"] / 4))
    kept = [value for value in runs().metrics["auc"] if value > 0.81]
    assert 0 < inside <= len(kept)
    table = page.get_by_role("tab", name="Table")
    table.click()
    assert 0 < page.get_by_role("rowheader").count() <= inside
    page.get_by_role("button", name="End brush").click()
    expect(count).to_have_text("60 of 60 runs")
    page.get_by_role("tab", name="Parallel").click()
    expect(page.locator(".mlops-plot-brushed")).to_have_count(0)


def test_axes_and_brushes_answer_the_keyboard_alone(opened: Callable[..., Page]) -> None:
    page = opened("Parallel")
    assert axes(page) == ["learning_rate", "model", "fit_seconds", "brier", "auc"]
    axis(page, "learning_rate").focus()
    page.keyboard.press("Shift+ArrowRight")
    assert axes(page)[:2] == ["model", "learning_rate"]
    expect(axis(page, "learning_rate")).to_be_focused()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Delete")
    assert "fit_seconds" not in axes(page)
    axis(page, "model").focus()
    page.keyboard.press("Tab")  # past the logarithmic scale, which words have not
    handle = page.get_by_role("slider", name="Brush on model: least value that stays")
    expect(handle).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(handle).to_have_attribute("aria-valuetext", "boosting")
    expect(page.get_by_role("status").first).to_have_text("40 of 60 runs, brushed")
    expect(handle).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("status").first).to_have_text("60 of 60 runs")


def test_lines_are_spoken_and_ticked_by_the_keyboard_and_stand_in_the_table_twin(
    opened: Callable[..., Page],
) -> None:
    page = opened("Parallel")
    lines = page.get_by_role("application")
    lines.press("ArrowDown")
    best = max(range(60), key=runs().metrics["auc"].__getitem__)
    spoken = page.get_by_role("status").last
    expect(spoken).to_contain_text(f"run-{best}: learning_rate ")
    lines.press(" ")
    expect(page.locator(".mlops-picked")).to_have_text("1 selected")
    page.get_by_role("button", name="As a table").click()
    row = page.get_by_role("row").nth(1)
    expect(row.get_by_role("rowheader")).to_have_text(f"run-{best}")
    expect(row.get_by_role("cell").last).to_have_text("yes")
    assert page.get_by_role("rowheader").count() == 60


def test_a_rectangle_keeps_the_runs_in_it_and_a_click_selects_one(opened: Callable[..., Page]) -> None:
    page = opened("Scatter")
    picture = page.get_by_role("group", name="Scatter plot: 60 runs by fit_seconds and auc")
    box = picture.bounding_box()
    assert box
    count = page.get_by_role("status").first
    inside = brush(page, (box["x"] + 70, box["y"] + 40), (box["x"] + 300, box["y"] + 130))
    assert 0 < inside < 60
    for tab, told in (("Parallel", f"{inside} runs. "), ("History", f"auc of {inside} runs ")):
        page.get_by_role("tab", name=tab).click()
        expect(page.get_by_text(told)).to_be_visible()
    page.get_by_role("tab", name="Table").click()
    assert page.get_by_role("rowheader").count() == inside
    page.get_by_role("button", name="End brush").click()
    page.get_by_role("tab", name="Scatter").click()
    expect(count).to_have_text("60 of 60 runs")
    ring = page.locator(".mlops-plot-scatter .mlops-plot-ring").first
    page.get_by_role("application").press("Home")
    x, y = (float(ring.get_attribute(name) or "nan") for name in ("cx", "cy"))
    box = picture.bounding_box()
    assert box
    page.mouse.click(box["x"] + x, box["y"] + y)
    expect(page.locator(".mlops-picked")).to_have_text("1 selected")


def test_points_are_spoken_from_left_to_right_and_shift_keeps_those_between(
    opened: Callable[..., Page],
) -> None:
    page = opened("Scatter")
    seconds = runs().metrics["fit_seconds"]
    by_time = sorted(range(60), key=seconds.__getitem__)
    points = page.get_by_role("application")
    spoken = page.get_by_role("status").last
    points.press("ArrowRight")
    expect(spoken).to_contain_text("<img src=x onerror='window.hacked=1'> gnp (on the Pareto front): ")
    points.press("ArrowRight")
    expect(spoken).to_contain_text(f"run-{by_time[1]} (on the Pareto front): fit_seconds 2 · auc 0.")
    points.press("Shift+PageDown")
    expect(page.get_by_role("status").first).to_have_text("11 of 60 runs, brushed")


def test_the_pareto_front_is_listed_and_its_directions_turn(opened: Callable[..., Page]) -> None:
    table = runs()
    seconds, auc = table.metrics["fit_seconds"], table.metrics["auc"]

    def front(sign: int) -> set[str]:
        ends = [(sign * seconds[i], -auc[i]) for i in range(60)]
        best = [i for i in range(60) if not any(_beats(other, ends[i]) for other in ends)]
        return {table.names[i] for i in best if i}

    page = opened("Scatter", table)
    for sign, better in ((1, "lower fit_seconds"), (-1, "higher fit_seconds")):
        expect(page.get_by_role("button", name=better)).to_be_visible()
        page.get_by_role("button", name="As a table").click()
        listed = page.get_by_role("row").filter(has=page.get_by_role("cell", name="yes"))
        names = listed.get_by_role("rowheader").all_text_contents()
        assert {name for name in names if "img" not in name} == front(sign)
        page.get_by_role("button", name="As a table").click()
        page.get_by_role("button", name=better).click()


def _beats(one: tuple[float, float], other: tuple[float, float]) -> bool:
    return one != other and one[0] <= other[0] and one[1] <= other[1]


def test_the_best_so_far_is_told_in_the_order_of_time(opened: Callable[..., Page]) -> None:
    table = runs()
    page = opened("History", table)
    best = max(range(60), key=table.metrics["auc"].__getitem__)
    expect(page.get_by_text(f"the best is 0.9199 (run-{best}).")).to_be_visible()
    points = page.get_by_role("application")
    points.press("Home")
    points.press("End")
    expect(page.get_by_role("status").last).to_have_text(
        f"run-59: auc {table.metrics['auc'][59]:.4g}, run 60 of 60, 2026-03-01 10:00:59"
    )
    page.get_by_label("Metric").select_option(label="brier")
    page.get_by_role("button", name="As a table").click()
    improved = page.get_by_role("row").filter(has=page.get_by_role("cell", name="yes"))
    assert improved.count() == _improvements(table.metrics["brier"])


def _improvements(values: list[float]) -> int:
    found, best = 0, math.inf
    for value in values:
        if value < best:
            found, best = found + 1, value
    return found


def test_values_over_steps_are_asked_for_drawn_smoothed_and_told(asking: Callable[..., Page]) -> None:
    asked: list[dict[str, Any]] = []

    def history(question: dict[str, Any]) -> dict[str, Any]:
        asked.append(question)
        lines = [
            {
                "row": row,
                "steps": [0, 1, 2],
                "values": [0.5, math.nan, 0.7 + row / 1000],
                "times": [0, 30_000, 60_000],
            }
            for row in question["rows"]
        ]
        return {"metric": question["metric"], "thinned": False, "runs": lines}

    page = asking(history)
    auc = runs().metrics["auc"]
    best = sorted(range(60), key=auc.__getitem__, reverse=True)[:10]
    expect(page.get_by_text("auc over steps of the best 10 runs; select runs to see theirs.")).to_be_visible()
    assert [(each["rows"], each["metric"], each["run_ids"]) for each in asked] == [
        (best, "auc", [str(i) for i in best])
    ]
    lines = page.get_by_role("application")
    lines.press("ArrowDown")
    spoken = page.get_by_role("status").last
    expect(spoken).to_have_text(f"run-{best[0]}: step 2, auc {0.7 + best[0] / 1000:.4g}")
    page.get_by_label("Smoothing").fill("0.5")
    page.get_by_role("button", name="time").click()
    lines.press("ArrowLeft")
    lines.press("ArrowLeft")
    expect(spoken).to_have_text(f"run-{best[0]}: after 0 seconds, auc 0.5, smoothed 0.5")
    lines.press(" ")
    expect(page.get_by_text("auc over time of the 1 run selected.")).to_be_visible()
    assert asked[-1]["rows"] == [best[0]]
    page.get_by_role("button", name="As a table").click()
    rows = page.get_by_role("row").all_inner_texts()
    assert [row.split() for row in rows] == [
        ["seconds", f"run-{best[0]}"],
        ["0", "0.5"],
        ["30", "none"],
        ["60", rows[3].split()[1]],
    ]


def test_runs_with_one_value_each_are_shown_over_runs(asking: Callable[..., Page]) -> None:
    def single(question: dict[str, Any]) -> dict[str, Any]:
        lines = [{"row": row, "steps": [0], "values": [0.5], "times": [0]} for row in question["rows"]]
        return {"metric": question["metric"], "thinned": False, "runs": lines}

    page = asking(single)
    expect(page.get_by_role("button", name="Over runs")).to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name="Over steps").click()
    expect(page.get_by_text("Each has one value only.")).to_be_visible()


def test_a_kernel_that_cannot_answer_says_why(asking: Callable[..., Page]) -> None:
    def gone(_: dict[str, Any]) -> dict[str, Any]:
        raise StoreError("The store is away", "start it")

    page = asking(gone)
    expect(page.get_by_text("The store is away. Start it.")).to_be_visible()
    page.get_by_role("button", name="Over runs").click()
    expect(page.get_by_text("auc of 60 runs in the order of time")).to_be_visible()


@pytest.mark.parametrize("width", [1010, 540])
def test_no_text_of_a_plot_is_cut(opened: Callable[..., Page], width: int) -> None:
    page = opened("Parallel", width=width)
    for tab in ("Parallel", "Scatter", "History"):
        page.get_by_role("tab", name=tab).click()
        panel = page.get_by_role("tabpanel", name=tab).locator(".mlops-plot")
        expect(panel.locator("svg text").first).to_be_visible()
        assert panel.evaluate(CUT) == []


def test_columns_of_any_name_are_only_text_and_fit(opened: Callable[..., Page]) -> None:
    names = [HOSTILE, "x" * 10_000, "🦊" * 40, "\u202eevil\nname"]
    count = 40
    table = RunTable(
        [f"run-{i}" for i in range(count)],
        [str(i) for i in range(count)],
        metrics={name: [float(i * 7 % (count + at)) for i in range(count)] for at, name in enumerate(names)},
        params={name: [names[i % 4] for i in range(count)] for name in names},
    )
    page = opened("Parallel", table, width=540)
    for tab in ("Parallel", "Scatter", "History"):
        page.get_by_role("tab", name=tab).click()
        panel = page.get_by_role("tabpanel", name=tab).locator(".mlops-plot")
        panel.get_by_role("application").press("ArrowDown")
        expect(panel.get_by_role("status")).to_contain_text("run-")
        assert panel.evaluate(CUT) == []


def test_lines_and_points_follow_the_theme_at_once(opened: Callable[..., Page]) -> None:
    page = opened("Scatter")
    shown = page.locator(".mlops-plot-canvas")
    points = shown.evaluate("node => node.toDataURL()")
    page.get_by_role("tab", name="Parallel").click()
    line = page.locator(".mlops-plot-busy").first
    colour = line.evaluate("node => getComputedStyle(node).stroke")
    page.evaluate(DARK)
    assert line.evaluate("node => getComputedStyle(node).stroke") != colour
    page.get_by_role("tab", name="Scatter").click()  # not in view when the theme changed
    dark = shown.evaluate("node => node.toDataURL()")
    assert dark != points
    is_as = "points => document.querySelector('.mlops-plot-canvas').toDataURL() === points"
    page.evaluate("() => document.documentElement.removeAttribute('style')")
    page.wait_for_function(is_as, arg=points)
    page.evaluate(IN_PIECES)
    page.wait_for_function(is_as, arg=dark)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_plots_and_their_tables_keep_nobody_out(opened: Callable[..., Page], scheme: Any) -> None:
    page = opened("Parallel")
    page.emulate_media(color_scheme=scheme)
    for tab in ("Parallel", "Scatter", "History"):
        page.get_by_role("tab", name=tab).click()
        assert serious_findings(page.locator(".mlops-compare")) == []
        page.get_by_role("button", name="As a table").click()
        assert serious_findings(page.locator(".mlops-compare")) == []


def test_nothing_to_draw_is_said_in_words(opened: Callable[..., Page]) -> None:
    page = opened("Parallel", RunTable(["a", "b"], ["1", "2"], {"auc": [0.5, 0.5]}, {"lr": ["1", "1"]}))
    page.get_by_role("tab", name="Scatter").click()
    expect(page.get_by_text("A scatter plot needs two columns in which these runs differ.")).to_be_visible()
    page.get_by_role("button", name="As a table").click()
    page.get_by_role("tab", name="Parallel").click()
    expect(page.get_by_text("These runs do not differ in any number or parameter.")).to_be_visible()
    page.get_by_label("Filter runs").fill("auc > 2")
    expect(page.get_by_text("No run matches the filter, so there is nothing to draw.")).to_be_visible()
