"""What a person can ask for: one file a verb, start to end.

`mlops` is the Click group behind every door; a verb's module is imported when the verb is used.
"""

from __future__ import annotations

import importlib

import click

from jupyter_mlops.errors import did_you_mean

VERBS = {
    "track": "Track this notebook's cells as MLflow runs.",
    "runs": "List the newest runs.",
    "compare": "Compare runs side by side.",
    "show": "Show one run, or the code behind it.",
    "lineage": "Show which cells, values and files something came from.",
    "restore": "Bring back an older version of a variable, or the data of a run.",
    "reproduce": "Make a run again in a clean process and compare.",
    "drift": "Show how one frame has drifted from another.",
    "validate": "Check a frame against what its reference lets expect.",
    "pipeline": "Write the code behind a model as a Python project.",
    "promote": "Reproduce a model and register it.",
    "explain": "Say what a model uses, why it answered so, and where it comes from.",
    "models": "List registered models, versions and aliases.",
    "rollback": "Make the champion before this one the champion again.",
    "export": "Export a model as a serving bundle.",
    "serve": "Serve a model in the background.",
    "forget": "Remove the rows of a person from every version.",
    "doctor": "Check what tracking keeps, and mend what can be mended.",
}


class LazyGroup(click.Group):
    """Knows all verbs by name and loads one when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The verbs, in the order of the work."""
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The verb's command."""
        if cmd_name not in VERBS:
            return None
        found: click.Command = importlib.import_module(f"jupyter_mlops.verbs.{cmd_name}").command
        return found

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The verb that is named first; a word that is none gets the nearest one offered."""
        wrong = args and args[0] not in VERBS and not args[0].startswith("-")
        if wrong and not ctx.resilient_parsing:
            ctx.fail(f"there is no verb {args[0]!r}.{did_you_mean(args[0], VERBS)}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Help of all verbs without importing any."""
        with formatter.section("Verbs"):
            formatter.write_dl(list(VERBS.items()))


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"]},
    no_args_is_help=False,
    subcommand_metavar="VERB [ARGS]...",
    epilog="Each verb explains itself: VERB --help",
)
@click.version_option(package_name="jupyter-mlops", message="%(package)s %(version)s")
def mlops() -> None:
    """From notebook cells to a verified, registered, served model."""
