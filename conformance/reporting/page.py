"""One HTML file that loads nothing: all escaped, styles and scripts inlined, the rest forbidden by a CSP."""

from __future__ import annotations

import base64
import functools
import hashlib
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from conformance.reporting import vocabulary
from conformance.text import character_name, pieces, printable, spelled

_HERE = Path(__file__).parent


def render(template: str, *, styles: tuple[str, ...], scripts: tuple[str, ...], **context: Any) -> str:
    """The page of ``template``; ``styles`` and ``scripts`` name files of ``static/``."""
    style, early, script = static(*styles), static("theme.js"), static(*scripts)
    policy = content_security_policy(style, early, script)
    inlined = {
        "style": Markup(style),
        "early_script": Markup(early),
        "script": Markup(script),
        "policy": policy,
    }
    return environment().get_template(template).render(**inlined, **context)


def content_security_policy(style: str, *scripts: str) -> str:
    """Nothing may be loaded or run but what these texts are, by their hash."""
    allowed = " ".join(_hash(script) for script in scripts)
    return (
        f"default-src 'none'; style-src {_hash(style)}; script-src {allowed}; img-src data:; "
        "base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'"
    )


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def static(*names: str) -> str:
    """Files of ``static/``, one after another."""
    return "\n".join((_HERE / "static" / name).read_text("utf-8") for name in names)


@functools.cache
def environment() -> Environment:
    """Jinja with autoescape in every template, and no undefined name tolerated."""
    env = Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=False,
    )
    env.filters |= {
        "visible": visible,
        "visible_lines": visible_lines,
        "plain": printable,
        "quantity": vocabulary.plural,
        "bytes": size,
    }
    env.globals |= {
        "OUTCOMES": vocabulary.OUTCOMES,
        "VERDICTS": vocabulary.VERDICTS,
        "AVAILABILITIES": vocabulary.AVAILABILITIES,
        "OBSERVATIONS": vocabulary.OBSERVATIONS,
    }
    return env


def visible(text: object) -> Markup:
    """``text`` in one line, escaped, and what a reader would not see spelled out in an element of its own."""
    return _shown(str(text), lines=False)


def visible_lines(text: object) -> Markup:
    """As ``visible``, for text in which line feeds and tabs are layout."""
    return _shown(str(text), lines=True)


def _shown(text: str, *, lines: bool) -> Markup:
    runs = (_unseen(run) if unseen else escape(run) for run, unseen in pieces(text, lines=lines))
    return Markup("").join(runs)


@functools.lru_cache(maxsize=512)
def _unseen(character: str) -> Markup:
    return Markup('<span class="u" title="{}">{}</span>').format(
        character_name(character), spelled(character)
    )


def size(count: int) -> str:
    """``812 bytes``, ``14.2 kB``, ``3.1 MB``."""
    if count < 1000:
        return vocabulary.plural(count, "byte")
    return f"{count / 1000:.1f} kB" if count < 1_000_000 else f"{count / 1_000_000:.1f} MB"
