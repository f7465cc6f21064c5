"""What snapdoctor says of SGLang's command line is what SGLang's own parser does. The rest of SGLang needs a GPU."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from engines.sglang_parser import OLDER, VERSION, started
from snapdoctor.engines.sglang import ENGINE
from snapdoctor.engines.version import Version

if TYPE_CHECKING:
    from collections.abc import Callable

    from engines.sglang_parser import Parsed
    from snapdoctor.engines.engine import Option

MODEL = ["--model-path", "Qwen/Qwen3-8B"]


@pytest.fixture(scope="module")
def ask(sglang_parser: Callable[..., list[Parsed]]) -> Callable[..., dict[str, Parsed]]:
    """Put several command lines to one run of the parser, by name."""
    return lambda lines: dict(zip(lines, sglang_parser(*(MODEL + line for line in lines.values())), strict=True))


def exists(option: Option, version: str = VERSION) -> bool:
    """What the table says of a version."""
    installed = Version.parse(version)
    assert installed is not None
    return installed.reached(option.since) is not False and not installed.reached(option.until)


def written(option: Option, name: str) -> list[str]:
    """The option with a value that a number, a path and a word can be."""
    return [name] if option.switch else [name, "1"]


def test_option_is_taken_or_rejected_as_the_table_says(ask: Callable[..., dict[str, Parsed]]) -> None:
    """Every spelling of every option; `--config` is read before the parser, and is checked by its own test."""
    options = {name: option for option in ENGINE.options for name in option.names if name != "--config"}
    answers = ask({name: written(option, name) for name, option in options.items()})
    assert {name: answer.accepted for name, answer in answers.items()} == {name: exists(option) for name, option in options.items()}


@pytest.mark.parametrize("version", OLDER)
def test_older_release_takes_or_rejects_it_as_the_table_says(version: str) -> None:
    """Options that came or went since; those that were always there need no date."""
    dated = {name: option for option in ENGINE.options if option.since or option.until for name in option.names}
    with started(version) as parse:
        answers = parse(*(MODEL + written(option, name) for name, option in dated.items()))
    assert {name: answer.accepted for name, answer in zip(dated, answers, strict=True)} == {
        name: exists(option, version) for name, option in dated.items()
    }


def test_split_option_is_called_ambiguous(ask: Callable[..., dict[str, Parsed]]) -> None:
    """As the finding says; its remedy is taken."""
    answers = ask(
        {
            "old": ["--cuda-graph-max-bs", "16"],
            "new": ["--cuda-graph-max-bs-decode", "16", "--cuda-graph-max-bs-prefill", "16"],
            "never": ["--enable-cpu-backup"],
        }
    )
    assert answers["old"].error.startswith("ambiguous option: --cuda-graph-max-bs could match")
    assert answers["new"].accepted
    assert answers["never"].error == "unrecognized arguments: --enable-cpu-backup"


@pytest.mark.parametrize("option", [option for option in ENGINE.options if option.shortest], ids=lambda option: option.names[0])
def test_shortest_abbreviation_is_the_shortest(ask: Callable[..., dict[str, Parsed]], option: Option) -> None:
    """One letter less is no longer this option alone."""
    shortest = option.shortest or ""
    answers = ask({"whole": [option.names[0]], "shortest": [shortest], "shorter": [shortest[:-1]]})
    assert answers["shortest"].arguments == answers["whole"].arguments
    assert answers["shorter"].arguments != answers["whole"].arguments


def test_spelling(ask: Callable[..., dict[str, Parsed]]) -> None:
    """Values take `=`, switches do not, and no option has an underscore."""
    answers = ask(
        {
            "value": ["--port=1234"],
            "switch": ["--enable-memory-saver=1"],
            "underscores": ["--enable_memory_saver"],
        }
    )
    assert ENGINE.spelling.equals
    assert answers["value"].arguments["port"] == 1234
    assert "ignored explicit argument" in answers["switch"].error
    assert ENGINE.spelling.underscores == "rejected"
    assert answers["underscores"].error == "unrecognized arguments: --enable_memory_saver"


def test_further_option_takes_a_value(ask: Callable[..., dict[str, Parsed]]) -> None:
    """Those that snapdoctor lists only so that their values are not taken for options."""
    answers = ask({name: [name] for name in ENGINE.valued})
    assert {name for name, answer in answers.items() if "expected one argument" not in answer.error} == set()


def test_the_recipe_that_snapdoctor_recommends_is_taken(ask: Callable[..., dict[str, Parsed]]) -> None:
    """Weights and cache can be given up before the capture, and come back after the restore."""
    (answer,) = ask({"recipe": ["--enable-memory-saver", "--enable-weights-cpu-backup"]}).values()
    assert answer.arguments["enable_memory_saver"] is True
    assert answer.arguments["enable_weights_cpu_backup"] is True
