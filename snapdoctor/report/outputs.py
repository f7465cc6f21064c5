"""The formats by name, and where each of them goes."""

from __future__ import annotations

import importlib
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from snapdoctor import atomic

if TYPE_CHECKING:
    from snapdoctor.report.report import Report

FORMATS = ("full", "concise", "json", "sarif", "github", "gitlab", "junit", "html")


class Output(NamedTuple):
    """A format and the file it is written to; None: standard output."""

    form: str
    path: Path | None


class BadOutput(Exception):
    """An `--output` that names no format, or no file."""


def parse(text: str) -> Output:
    """Read `sarif:out.sarif`, `html:-`; raises `BadOutput`."""
    form, colon, path = text.partition(":")
    if form not in FORMATS or not colon or not path:
        raise BadOutput(f"--output {text}: write FORMAT:FILE (`-` for standard output) with one of {', '.join(FORMATS)}")
    return Output(form, None if path == "-" else Path(path))


def render(form: str, report: Report, colour: bool = False) -> str:
    """The report in one format, without a last line end where there is nothing to say."""
    if form == "full" and report.state is not None:
        from snapdoctor.report.probe import page as picture

        return picture(report.state, report.findings, colour, shutil.get_terminal_size((100, 24)).columns)
    if form == "full" and report.rehearsed is not None:
        from snapdoctor.report.rehearsal import page as of_life

        return of_life(report.rehearsed.rehearsal, report.findings, report.rehearsed.predicted, colour)
    if form == "full" and report.checkup is not None:
        from snapdoctor.report.checkup import page as all_evidence

        return all_evidence(report.checkup.entries, report.checkup.asked, colour)
    if form == "full" and report.diagnosed is not None:
        from snapdoctor.report.diagnosis import page as of_log

        return of_log(report.diagnosed, colour)
    if form == "full":
        from snapdoctor.report.full import page

        return page(report, colour)
    if form == "html" and report.checkup is not None:
        from snapdoctor.report import checkup_html

        return checkup_html.render(report.checkup)
    if form == "html" and report.state is not None:
        form = "probe_html"
    if form == "html" and report.rehearsed is not None:
        form = "rehearsal_html"
    rendered: str = importlib.import_module(f"snapdoctor.report.{form}").render(report)
    return rendered


def write(path: Path, text: str) -> None:
    """Write a report in one step; raises `OSError`, and what was there is whole then."""
    made = text if text.endswith("\n") or not text else f"{text}\n"
    atomic.replace(path, made.encode("utf-8", "surrogatepass"))
