"""The command line: flags and calls over the plugin, the judge and the reports."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from conformance import __version__
from conformance.errors import ConformanceError
from conformance.settings import OPTIONS, Option
from conformance.text import printable

_F = Callable[..., Any]
_SELDOM = (50_000, 20, 20)
"""Looking for garbage costs a tenth of a run, and nearly everything that a command makes lives as long as it does."""


class _Program(click.Group):
    """Turns our exceptions into one sentence and the documented exit code; anything else is our own fault: 5."""

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Run, and exit with the documented code."""
        gc.set_threshold(*_SELDOM)
        try:
            code = super().main(*args, **{**kwargs, "standalone_mode": False})
        except click.exceptions.Abort:
            _complain("interrupted")
            sys.exit(3)
        except click.ClickException as error:
            error.show()
            sys.exit(2)
        except ConformanceError as error:
            _complain(str(error))
            sys.exit(error.exit_code)
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            sys.exit(0)
        except Exception as error:
            if os.environ.get("CONFORMANCE_DEBUG"):
                raise
            _complain(
                f"internal error: {type(error).__name__}: {error} (set CONFORMANCE_DEBUG=1 for the traceback)"
            )
            sys.exit(5)
        sys.exit(code if isinstance(code, int) else 0)


def _complain(text: str) -> None:
    click.echo(f"conformance: {printable(text)}", err=True)


@click.group(cls=_Program, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="conformance")
def main() -> None:
    """Say, requirement by requirement and with evidence, whether an OpenAI-compatible API keeps its public contract."""


def _setting_flags(function: _F) -> _F:
    for option in reversed(OPTIONS):
        function = _flag(option)(function)
    return function


def _flag(option: Option) -> Callable[[_F], _F]:
    if option.kind == "flag":
        return click.option(f"--{option.name}", option.key, is_flag=True, default=None, help=option.help)
    kind: Any = {"integer": click.INT, "number": click.FLOAT}.get(option.kind, click.STRING)
    shown = f"{option.help} [{option.default}]" if option.default is not None else option.help
    return click.option(
        f"--{option.name}",
        option.key,
        type=click.Choice(option.choices) if option.choices else kind,
        metavar=None if option.choices else option.metavar or None,
        multiple=option.multiple,
        default=None,
        help=shown,
    )


@main.command(context_settings={"ignore_unknown_options": False})
@_setting_flags
@click.argument("pytest_args", nargs=-1, type=click.UNPROCESSED)
def run(pytest_args: tuple[str, ...], **given: Any) -> int:
    """Probe a target, judge it and write the report; without a base URL, the embedded reference target.

    What stands behind -- is handed to pytest. Exit codes: 0 conforming, 1 violations, 2 usage, 3 incomplete,
    4 stale waivers, 5 internal error.
    """
    from conformance.commands.run import run_suite

    return run_suite(given, pytest_args)


@main.command()
@_setting_flags
def plan(**given: Any) -> int:
    """Print every request that a run would send, and what it may cost; send nothing."""
    from conformance.commands.plan import print_plan

    return print_plan(given)


@main.command()
@click.argument("recording", type=click.Path(path_type=Path))
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="Where the report is written; default: beside the recording.",
)
@click.option("--waivers", type=click.Path(path_type=Path, exists=True), help="Failures that are excused.")
@click.option("--strict", is_flag=True, help="A warning fails too.")
def judge(recording: Path, out: Path | None, waivers: Path | None, strict: bool) -> int:
    """Judge a recording again, offline."""
    from conformance.commands.judge import judge_again

    return judge_again(recording, out, waivers, strict=strict)


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, type=int, help="Port to listen on.")
@click.option("--fault", "faults", multiple=True, metavar="NAME", help="A lie to tell; may be repeated.")
@click.option(
    "--variant", "variants", multiple=True, metavar="NAME", help="A legal difference; may be repeated."
)
@click.option("--list", "listing", is_flag=True, help="List faults and variants, and end.")
def serve(host: str, port: int, faults: tuple[str, ...], variants: tuple[str, ...], listing: bool) -> int:
    """Run the reference target in the foreground. Its key is sk-reference."""
    from conformance.commands.serve import serve_reference

    return serve_reference(host, port, faults, variants, listing=listing)


@main.command()
@click.argument("requirement")
def explain(requirement: str) -> int:
    """A requirement's sentence, its source, what checks it, the cases it is judged on, and what breaks it."""
    from conformance.commands.explain import print_requirement

    return print_requirement(requirement)


@main.command()
@_setting_flags
def doctor(**given: Any) -> int:
    """Ask the target a few harmless questions and say what could be judged."""
    from conformance.commands.doctor import examine

    return examine(given)


@main.command()
@click.argument("old", type=click.Path(path_type=Path))
@click.argument("new", type=click.Path(path_type=Path))
@click.option(
    "--out", type=click.Path(path_type=Path), help="Write the comparison as HTML; beside it as Markdown."
)
@click.option(
    "--allow-other-contract", is_flag=True, help="Compare runs that were judged by different contracts."
)
def diff(old: Path, new: Path, out: Path | None, allow_other_contract: bool) -> int:
    """What broke, was fixed, came and went between two results; exit 1 on a new violation."""
    from conformance.commands.compare import print_diff

    return print_diff(old, new, out, allow_other_contract=allow_other_contract)


@main.command()
@click.argument("results", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--out",
    required=True,
    type=click.Path(path_type=Path),
    help="The HTML file; .csv and .md are written beside it.",
)
def matrix(results: tuple[Path, ...], out: Path) -> int:
    """Targets × operations × requirements, from several results, on one page."""
    from conformance.commands.compare import write_matrix

    return write_matrix([("", path) for path in results], out)


@main.command()
@click.argument("targets", type=click.Path(path_type=Path))
@click.option(
    "--out",
    required=True,
    type=click.Path(path_type=Path),
    help="A folder: one run a target, and the matrix.",
)
@click.option(
    "--jobs", default=1, show_default=True, type=click.IntRange(1, 16), help="Targets tested at once."
)
def audit(targets: Path, out: Path, jobs: int) -> int:
    """Test many targets, named in a TOML file, and write one matrix; the exit code is the worst target's."""
    from conformance.commands.audit import audit_targets

    return audit_targets(targets, out, jobs)


@main.command()
@click.argument("results", type=click.Path(path_type=Path))
@click.argument("result_id")
def waive(results: Path, result_id: str) -> int:
    """Print a draft waiver for one failure; it loads once reason, link and owner are filled in."""
    from conformance.commands.waive import print_draft

    return print_draft(results, result_id)


@main.command()
@click.argument("runs", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--out", required=True, type=click.Path(path_type=Path), help="The folder of the joined run.")
def merge(runs: tuple[Path, ...], out: Path) -> int:
    """Join the shards of one run, judge them as one, and write its reports."""
    from conformance.commands.merge import merge_runs

    return merge_runs(runs, out)


@main.command()
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=Path("reports/selftest"),
    show_default=True,
    help="Where selftest.json and its page are written.",
)
@click.option("--fault", "faults", multiple=True, metavar="NAME", help="Only this fault; may be repeated.")
@click.option(
    "--variants",
    is_flag=True,
    help="Instead, the legal variants in all pairs: nothing that the contract allows may turn red.",
)
def selftest(out: Path, faults: tuple[str, ...], variants: bool) -> int:
    """The kill matrix: every fault of the reference target, and the requirements that catch it."""
    from conformance.commands.selftest import print_kill_matrix, print_legal_variants

    return print_legal_variants(out) if variants else print_kill_matrix(out, faults)


if __name__ == "__main__":
    main()
