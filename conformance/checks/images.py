"""Images: as many as asked for, each whole and of the announced format and size, with usage that adds up."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from conformance.answer import Answer
from conformance.checks.answering import require_json
from conformance.checks.excerpt import shown
from conformance.checks.picture_view import (
    Picture,
    asked,
    asked_number,
    asked_text,
    pictures,
    pictures_of,
    pixels,
)
from conformance.checks.streams import judged_payloads
from conformance.checks.subject import Finding, NotShown, Subject, check

_YEAR_2015 = 1_420_000_000
_DAY = 86_400
_KINDS = {
    "png": "image/png",
    "jpeg": "image/jpeg",
    "jpg": "image/jpeg",
    "webp": "image/webp",
    "gif": "image/gif",
}
_ECHOED = ("size", "output_format", "background", "quality")


def _encoded(subject: Subject) -> Iterator[Picture]:
    """Each picture that is in the answer itself. Raises NotShown when none is, as behind an address."""
    found = False
    for picture in pictures(subject):
        if picture.text is not None:
            found = True
            yield picture
    if not found:
        raise NotShown("no image is in the answer itself")


@check
def images_are_as_many_as_asked_for(subject: Subject) -> Iterator[Finding]:
    """n asked for, n given."""
    for answer in subject.answers:
        due, found = asked_number(answer, "n", 1), pictures_of(answer)
        if len(found) != due:
            expected = f"{due} image{'s' if due != 1 else ''}"
            yield Finding(expected, f"{len(found)} of them", "/data", answer.exchange.id)


@check
def image_base64_decodes(subject: Subject) -> Iterator[Finding]:
    """RFC 4648 §4: what the schema's pattern lets through may still lack its padding."""
    for picture in _encoded(subject):
        if not (picture.text or "").startswith("data:") and picture.fault:
            yield Finding("base64", picture.fault, picture.place, picture.answer.exchange.id)


@check
def image_is_of_the_announced_format(subject: Subject) -> Iterator[Finding]:
    """The bytes tell: the format that was asked for, else the one that the answer names, else any image."""
    for picture in _encoded(subject):
        info = picture.info
        if info is None:
            continue
        name = asked_text(picture.answer, "output_format") or picture.told("output_format")
        due = _KINDS.get(name) if name else None
        if (due and info.kind != due) or not info.kind.startswith("image/"):
            if name and due is None:
                continue  # a format that has no signature here, such as svg
            yield Finding(due or "an image", info.kind, picture.place, picture.answer.exchange.id)


@check
def image_is_whole(subject: Subject) -> Iterator[Finding]:
    """Up to the end that its format has: IEND, EOI, the length of RIFF."""
    for picture in _encoded(subject):
        info = picture.info
        if info is not None and info.kind.startswith("image/") and info.truncated:
            seen = f"{info.kind} that breaks off"
            yield Finding("a whole image", seen, picture.place, picture.answer.exchange.id)


@check
def image_has_the_announced_size(subject: Subject) -> Iterator[Finding]:
    """The pixels of a final image: the size that was asked for, else the one that the answer names."""
    sizes = [
        (p, asked_text(p.answer, "size") or p.told("size")) for p in _encoded(subject) if not p.is_partial
    ]
    if not any(pixels(size) for _, size in sizes):
        raise NotShown("no size was asked for, and the answer names none")
    for picture, size in sizes:
        due, seen = pixels(size), picture.image.size if picture.image else None
        if due and seen and due != seen:
            pixel = f"{seen[0]}x{seen[1]} pixels"
            yield Finding(f"{due[0]}x{due[1]} pixels", pixel, picture.place, picture.answer.exchange.id)


@check
def image_options_are_echoed(subject: Subject, names: Sequence[str]) -> Iterator[Finding]:
    """An option that was asked for, where the answer names it, is the one that took effect."""
    pairs = [
        (answer, f"{where}/{name}", due, told)
        for answer, where, options in _option_holders(subject)
        for name in names
        if (due := asked_text(answer, name)) is not None and isinstance(told := options.get(name), str)
    ]
    if not pairs:
        raise NotShown("the answer does not name what was asked for")
    for answer, where, due, told in pairs:
        if told != due:
            yield Finding(due, shown(told), where, answer.exchange.id)


def _option_holders(subject: Subject) -> Iterator[tuple[Answer, str, dict[str, Any]]]:
    """Each object that tells of options: the JSON body, or each event of a stream."""
    for answer in subject.answers:
        if not answer.case.stream:
            yield answer, "", require_json(answer)
            continue
        for picture in pictures_of(answer):
            yield answer, f"{picture.where} ", picture.options


@check
def image_usage_adds_up(subject: Subject) -> Iterator[Finding]:
    """total = input + output, and neither is less than what it consists of."""
    for answer, where, usage in _usages(subject):
        total, parts = usage.get("total_tokens"), [usage.get("input_tokens"), usage.get("output_tokens")]
        if all(type(n) is int for n in (total, *parts)) and total != sum(p for p in parts if p is not None):
            expected = f"{parts[0] + parts[1]} ({parts[0]} + {parts[1]})"  # type: ignore[operator]
            yield Finding(expected, str(total), f"{where}/total_tokens", answer.exchange.id)
        for side in ("input_tokens", "output_tokens"):
            yield from _details(answer, where, usage, side)


def _details(answer: Answer, where: str, usage: dict[str, Any], side: str) -> Iterator[Finding]:
    details, whole = usage.get(f"{side}_details"), usage.get(side)
    counts = [details.get(n) for n in ("text_tokens", "image_tokens")] if isinstance(details, dict) else []
    given = [count for count in counts if type(count) is int]
    if given and type(whole) is int and sum(given) > whole:
        expected = f"at least {sum(given)} ({' + '.join(map(str, given))})"
        yield Finding(expected, str(whole), f"{where}/{side}", answer.exchange.id)


def _usages(subject: Subject) -> Iterator[tuple[Answer, str, dict[str, Any]]]:
    """Each usage object. Raises NotShown when there is none."""
    found = False
    for answer, where, options in _option_holders(subject):
        usage = options.get("usage")
        if isinstance(usage, dict):
            found = True
            yield answer, f"{where}/usage", usage
    if not found:
        raise NotShown("the answer has no usage")


@check
def image_usage_is_not_zero(subject: Subject) -> Iterator[Finding]:
    """The prompt was read and a picture was made."""
    for answer, where, usage in _usages(subject):
        for name in ("input_tokens", "output_tokens"):
            if usage.get(name) == 0:
                yield Finding("at least 1", "0", f"{where}/{name}", answer.exchange.id)


@check
def edited_images_are_counted(subject: Subject) -> Iterator[Finding]:
    """An image that was read has tokens."""
    for answer, where, usage in _usages(subject):
        details = usage.get("input_tokens_details")
        if not isinstance(details, dict) or "image_tokens" not in details:
            raise NotShown("the usage has no count of images")
        if details["image_tokens"] == 0:
            place = f"{where}/input_tokens_details/image_tokens"
            yield Finding("at least 1", "0", place, answer.exchange.id)


@check
def image_time_is_plausible(subject: Subject) -> Iterator[Finding]:
    """Seconds since 1970: not 0, not milliseconds, not tomorrow."""
    for answer, where, options in _option_holders(subject):
        name = "created_at" if answer.case.stream else "created"
        value = options.get(name)
        if type(value) is int and not _YEAR_2015 < value < answer.exchange.started_at + _DAY:
            yield Finding("seconds since 1970", shown(value), f"{where}/{name}", answer.exchange.id)


@check
def images_of_one_answer_differ(subject: Subject) -> Iterator[Finding]:
    """Two images that are the same byte for byte are one."""
    for answer in subject.answers:
        seen: dict[str, str] = {}
        for picture in pictures_of(answer):
            key = picture.text or picture.value.get("url")
            if isinstance(key, str) and seen.setdefault(key, picture.where) != picture.where:
                yield Finding(
                    "an image of its own", f"that of {seen[key]}", picture.where, answer.exchange.id
                )


@check
def transparent_image_has_alpha(subject: Subject) -> Iterator[Finding]:
    """An alpha channel, or a palette with transparent colours."""
    for picture in _encoded(subject):
        if picture.image is None or picture.image.alpha is None:
            raise NotShown("the image does not tell whether it has an alpha channel")
        if picture.image.alpha is False:
            seen = "an image without transparency"
            yield Finding("an alpha channel", seen, picture.place, picture.answer.exchange.id)


@check
def image_comes_as_asked(subject: Subject, form: str) -> Iterator[Finding]:
    """``form`` is ``b64_json`` or ``url``."""
    for picture in pictures(subject):
        given = [name for name in ("b64_json", "url") if isinstance(picture.value.get(name), str)]
        if given and form not in given:
            yield Finding(form, given[0], picture.where, picture.answer.exchange.id)


@check
def partial_images_are_no_more_than_asked_for(subject: Subject) -> Iterator[Finding]:
    """Fewer are legal, as an image may be done before they are."""
    for answer in subject.answers:
        most = asked_number(answer, "partial_images", 0)
        seen = [picture for picture in pictures_of(answer) if picture.is_partial]
        if len(seen) > most:
            expected = f"at most {most} partial image{'s' if most != 1 else ''}"
            yield Finding(expected, f"{len(seen)} of them", seen[most].where, answer.exchange.id)


@check
def image_events_agree_on_their_options(subject: Subject) -> Iterator[Finding]:
    """A stream draws one image, of one size, format, background and quality, begun at one time."""
    for answer in subject.answers:
        first: dict[str, Any] = {}
        for picture in pictures_of(answer):
            for name in (*_ECHOED, "created_at"):
                value = picture.options.get(name)
                if isinstance(value, str | int) and first.setdefault(name, value) != value:
                    where = f"{picture.where} /{name}"
                    yield Finding(f"{shown(first[name])}, as before", shown(value), where, answer.exchange.id)


@check
def streams_take_partial_images(subject: Subject) -> Iterator[Finding]:
    """A model that streams takes the option that only streams have."""
    streamed = [a for a in subject.answers if a.case.stream and a.case.expects == "answer"]
    plain = [a for a in streamed if "partial_images" not in asked(a) and a.state == "answered"]
    if not any(list(judged_payloads(answer)) for answer in plain):
        raise NotShown("no stream of images was answered")
    for answer in streamed:
        if "partial_images" in asked(answer) and answer.state == "refused":
            seen = f"{answer.status}: {shown(answer.error.get('message'))}"
            yield Finding("an answer, as streams are answered", seen, "status", answer.exchange.id)
