"""`geoasm explain`: one registration's answer in words."""

from __future__ import annotations

import json
from pathlib import Path

import click

from geoasm.cli import options, terminal


@click.command(short_help="Say in words why a registration has its class.")
@click.argument("run", type=click.Path(path_type=Path))
@click.argument("registration_id")
@options.lang()
@options.audience
@click.option("--json", "as_json", is_flag=True, help="Facts in codes, and the texts, as JSON.")
@options.verbosity
def explain(
    run: Path, registration_id: str, lang: str | None, audience: str, as_json: bool
) -> None:
    """
    Explain the answer for REGISTRATION_ID in the run folder RUN.

    The rights at the point, the rule and article that decided, what was ruled out, how sure the
    class is, what would change it and what to check first. `--audience internal` names natural
    persons, where the run still has its private part.
    """
    from geoasm.io.results import load_result
    from geoasm.render.explanation import explain as put_into_words
    from geoasm.render.labels import Labels

    result = load_result(run)
    labels = Labels(lang or result.summary["language"])
    said = put_into_words(result, registration_id, labels, audience=audience)
    if as_json:
        text = json.dumps(said.machine(), ensure_ascii=False, indent=2)
        terminal.say(terminal.escaped(text))
    else:
        terminal.say(said.text(), nl=False)
