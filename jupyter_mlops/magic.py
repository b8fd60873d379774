"""The notebook's door: ``%mlops VERB …`` and ``%%mlops track``."""

from __future__ import annotations

import re
import shlex
from typing import Any

from IPython.core.completer import CompletionContext, SimpleCompletion, SimpleMatcherResult, context_matcher
from IPython.core.error import UsageError
from IPython.core.magic import Magics, line_cell_magic, magics_class, no_var_expand

from jupyter_mlops.notebook.own_lines import rewrite_cell

_HELP = """Track, compare, promote and serve what this notebook makes.

    %mlops track on            make runs of the cells that fit or measure a model
    %%mlops track --name TEXT  make a run of this cell
    %mlops runs                list runs            %mlops compare   compare them
    %mlops lineage RUN|NAME    the cells, values and files it came from
    %mlops show RUN            one run              %mlops drift A B what moved between two frames
    %mlops validate A --against B                   is A as B lets expect
    %mlops restore df@3        an older version of a variable, or the data of a run: RUN:X_train
    %mlops reproduce RUN       make it again in a clean process and compare
    %mlops pipeline RUN DIR    the code behind a model as a Python project
    %mlops promote MODEL --as NAME                  reproduce and register a model
    %mlops explain NAME@champion ROWS               what it uses, and why it answered so
    %mlops models              what is registered   %mlops rollback NAME
    %mlops export NAME@champion FOLDER/             a folder that serves it anywhere
    %mlops serve NAME@champion                      serve it here   (--stop)
    %mlops forget --where email=a@b.c               remove the rows of a person
    %mlops doctor              what waits or is broken, and mend it

Each verb explains itself: %mlops VERB --help
"""
_MATCHER = "mlops"
_OUR_LINE = re.compile(r"^\s*(?:[\w., ]+=\s*)?%{1,2}mlops\s+(?P<words>.*)$")


@magics_class
class MlopsMagics(Magics):
    """The one magic of this package."""

    @no_var_expand  # $x and {x} in a value are the user's
    @line_cell_magic
    def mlops(self, line: str, cell: str | None = None) -> Any:
        """See `_HELP`."""
        if cell is not None:
            return self._cell(line, cell)
        return _run(self.shell, line)

    mlops.__doc__ = _HELP

    def _cell(self, line: str, cell: str) -> None:
        """``%%mlops track`` reaches here only when it is called by hand: normally the cell is rewritten."""
        if line.split()[:1] != ["track"]:
            raise UsageError(
                "only `track` works on a whole cell\nWrite %mlops with one % for the other verbs."
            )
        shell: Any = self.shell
        shell.run_cell(f"%%mlops {line}\n{cell}", store_history=False)


def _run(shell: Any, line: str) -> Any:
    import click

    from jupyter_mlops.errors import MlopsError
    from jupyter_mlops.notebook.opened import unheard
    from jupyter_mlops.notebook.progress import Bar
    from jupyter_mlops.verbs import mlops
    from jupyter_mlops.verbs.place import Place, silent

    try:
        words = shlex.split(line)
    except ValueError:
        raise UsageError("a quote is not closed\nClose it, or put the text into double quotes.") from None
    title = " ".join(words[:2])
    # a terminal cannot draw over an output: it gets no bar
    progress = Bar(title) if hasattr(shell, "kernel") else silent
    place = Place(namespace=shell.user_ns, shell=shell, progress=progress)
    try:
        with unheard():
            result = mlops.main(words or ["--help"], prog_name="%mlops", standalone_mode=False, obj=place)
    except click.UsageError as error:
        path = error.ctx.command_path if error.ctx else " ".join(["%mlops", *words[:1]])
        raise UsageError(f"{error.format_message()}\n`{path} --help` explains it.") from None
    except click.Abort:  # Click's name for an interrupt
        raise KeyboardInterrupt from None
    except MlopsError as error:
        raise UsageError(str(error)) from None
    if result is None or isinstance(result, int):  # --help prints and gives its exit code
        return None
    if place.as_json:
        from jupyter_mlops.notebook.as_json import Json

        return Json(result)
    return result


def _matcher(shell: Any) -> Any:
    """Verbs, options, variables, runs and models for the Tab key; asks no server and reads no data."""

    @context_matcher(identifier=_MATCHER)  # type: ignore[untyped-decorator]
    def match(context: CompletionContext) -> SimpleMatcherResult:
        found = _OUR_LINE.match(context.text_until_cursor)
        if found is None:
            return {"completions": []}
        words = found["words"]
        start = _start_of_word(words)
        typed = words[start:]
        offered = _offered(shell, words[:start], typed)
        if typed and context.line_with_cursor[len(context.text_until_cursor) :].startswith(typed[0]):
            offered = [text.removesuffix(typed[0]) for text in offered]  # the editor closed the quote already
        completions = [SimpleCompletion(text) for text in offered]
        return {"completions": completions, "matched_fragment": typed, "ordered": True, "suppress": True}

    return match


def _offered(shell: Any, before: str, typed: str) -> list[str]:
    from click.shell_completion import ShellComplete

    from jupyter_mlops.verbs import mlops
    from jupyter_mlops.verbs.place import Place

    try:
        words, place = shlex.split(before), Place(namespace=shell.user_ns)
    except (ValueError, OSError):  # a stray backslash; a folder that is gone
        return []
    completer = ShellComplete(mlops, {"obj": place}, "%mlops", "_MLOPS_COMPLETE")
    return [item.value for item in completer.get_completions(words, typed) if item.value]


def _start_of_word(line: str) -> int:
    """Where the word at the end of `line` begins, its opening quote included."""
    start, quote = 0, ""
    for at, character in enumerate(line):
        if quote:
            quote = "" if character == quote else quote
        elif character in "\"'":
            quote = character
        elif character.isspace():
            start = at + 1
    return start


_live: Any = None


def _open_live(shell: Any) -> None:
    """Let the notebook's page listen, if there is a kernel that a page can speak to."""
    global _live  # noqa: PLW0603
    if hasattr(shell, "kernel") and _live is None:
        from jupyter_mlops.tracking.live import Live

        _live = Live()
        _live.open()


def load_ipython_extension(shell: Any) -> None:
    """Register the magic; nothing is tracked and nothing heavy is imported until a verb is used."""
    shell.register_magics(MlopsMagics)
    if rewrite_cell not in shell.input_transformers_cleanup:
        shell.input_transformers_cleanup.append(rewrite_cell)
    _take_matcher_away(shell)
    shell.Completer.custom_matchers.append(_matcher(shell))
    _open_live(shell)


def unload_ipython_extension(shell: Any) -> None:
    """Take the magic away and end tracking; what was recorded stays."""
    from jupyter_mlops.notebook.session import close_session

    global _live  # noqa: PLW0603
    if _live is not None:
        _live.close()
        _live = None
    close_session()
    if rewrite_cell in shell.input_transformers_cleanup:
        shell.input_transformers_cleanup.remove(rewrite_cell)
    _take_matcher_away(shell)
    shell.magics_manager.magics["line"].pop("mlops", None)
    shell.magics_manager.magics["cell"].pop("mlops", None)


def _take_matcher_away(shell: Any) -> None:
    matchers = shell.Completer.custom_matchers
    matchers[:] = [each for each in matchers if getattr(each, "matcher_identifier", "") != _MATCHER]
