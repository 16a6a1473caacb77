"""Requests with a form: broken ones, parts that are missing or of another kind, and odd names and values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from hypothesis import strategies as st

from conformance import pointer
from conformance.properties.bodies import METHODS, beyond_range
from conformance.properties.changes import Families, Kind, at, changing, with_more
from conformance.properties.fields import Field
from conformance.properties.values import ODD_HEADER, ODD_NAME, ODD_TEXT, PLAIN, has_surrogates

Form = Mapping[str, Any]

_BOUNDARY = "conformance"
_TYPE = {"content-type": f"multipart/form-data; boundary={_BOUNDARY}"}
# A whole form but for its file, so that it must be refused wherever it is cut.
_TEXT = (
    f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="model"\r\n\r\n$model\r\n'
    f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="prompt"\r\n\r\na red dot\r\n--{_BOUNDARY}--\r\n'
)
_HEADS = (
    "",
    "Content-Disposition",
    "Content-Disposition: form-data",
    "Content-Disposition: attachment; name=model",
    ": x",
)


def _is_writable(text: str) -> bool:
    """Fit for a part's head, a JSON Pointer and a part's body without breaking the form itself."""
    return not has_surrogates(text) and not set(text) & set("\r\n\0/~")


_WRITTEN = ODD_TEXT.filter(_is_writable)


def families(form: Form, fields: Sequence[Field], *, is_dear: bool) -> Mapping[Kind, Families]:
    """Families by kind for an operation whose baseline sends ``form``; where answers are dear, odd ones name no model."""
    nameless = pointer.replace(form, "/fields/model", "$no_such_model")
    return {
        "must-refuse": {**_malformed(), **_unfit(form, fields)},
        "should-refuse": _doubtful(form, fields),
        "odd": with_more(_odd(nameless, fields), consent=False) if is_dear else _odd(form, fields),
    }


def _malformed() -> Families:
    heads = st.sampled_from(_HEADS)
    texts = {
        "cut": st.integers(0, len(_TEXT) - 1).map(lambda end: _TEXT[:end]),
        "no-form": ODD_TEXT.filter(lambda text: not has_surrogates(text)),
        "part-head": heads.map(lambda head: f"--{_BOUNDARY}\r\n{head}\r\n\r\n$model\r\n--{_BOUNDARY}--\r\n"),
    }
    return {
        name: changing("raw", found, "malformed-form", headers=_TYPE, consent=False)
        for name, found in texts.items()
    }


def _unfit(form: Form, fields: Sequence[Field]) -> Families:
    without = [_without(form, field.pointer[1:]) for field in fields if field.is_required]
    first, *others = form["files"]
    renamed = PLAIN.map(lambda name: {**form, "files": [{**first, "name": f"x_{name}"}, *others]})
    as_text = _WRITTEN.map(lambda text: {"fields": {**form["fields"], first["name"]: text}, "files": others})
    return {
        "missing": changing("form", st.sampled_from(without), "missing-field"),
        "other-name": changing("form", renamed, "wrong-field"),
        "text-for-file": changing("form", as_text, "not-a-file"),
    }


def _without(form: Form, name: str) -> Form:
    return {
        "fields": {key: value for key, value in form["fields"].items() if key != name},
        "files": [file for file in form["files"] if file["name"] != name],
    }


def _doubtful(form: Form, fields: Sequence[Field]) -> Families:
    """In a form everything is text, so only numbers and choices can be wrong."""
    portable = [field for field in fields if field.is_portable and not field.is_required]
    wrong = [
        at(form, f"/fields{field.pointer}", PLAIN)
        for field in portable
        if field.types <= {"number", "boolean"}
    ]
    beyond = [at(form, f"/fields{f.pointer}", values) for f in portable for values in beyond_range(f)]
    found = {
        "wrong-type": changing("form", st.one_of(wrong), "wrong-optional-type"),
        "beyond": changing("form", st.one_of(beyond), "out-of-range"),
        "method": changing("method", st.sampled_from(METHODS), "wrong-method"),
    }
    return {name: family for name, family in found.items() if not family.is_empty}


def _odd(form: Form, fields: Sequence[Field]) -> Families:
    names = ODD_NAME.filter(_is_writable)
    texts = {field.pointer[1:] for field in fields} & {"user", "prompt"}
    found = {
        "unknown-field": st.builds(
            lambda name, text: pointer.replace(form, f"/fields/{name}", text), names, _WRITTEN
        ),
        "file-name": at(form, "/files/0/filename", _WRITTEN),
        "text": st.one_of([at(form, f"/fields/{name}", _WRITTEN) for name in sorted(texts)]),
    }
    return {
        **{name: changing("form", family, "odd") for name, family in found.items()},
        "header": changing("headers", ODD_HEADER, "odd", form=form),
    }
