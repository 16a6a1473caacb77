from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser
from urllib.parse import unquote

import pytest

from conformance.reporting.html import outcome_bar, render_report, reproduction
from conformance.reporting.page import static
from conformance.text import UNSEEN
from tests.reporting.sample_results import Sample, finding, sample

_VOID = {"meta", "link", "input", "br", "img", "hr", "circle", "path", "rect", "use"}


class Page(HTMLParser):
    """A page as a list of elements, with the text that each script and style holds."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.raw: dict[str, list[str]] = {"script": [], "style": []}
        self.text: list[str] = []
        self.unclosed: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag in self.raw:
            self.raw[tag].append("")
        if tag not in _VOID:
            self.unclosed.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.unclosed.pop() == tag

    def handle_data(self, data):
        if self.unclosed and self.unclosed[-1] in self.raw:
            self.raw[self.unclosed[-1]][-1] += data
        else:
            self.text.append(data)

    def attributes(self, name: str) -> list[str]:
        return [attrs[name] or "" for _, attrs in self.elements if name in attrs]


def page_of(made: Sample, **options: object) -> Page:
    return Page(render_report(made.results, made.exchanges, made.requirements, notes=made.notes, **options))


@pytest.fixture(scope="module")
def plain() -> Page:
    return page_of(sample(120))


@pytest.fixture(scope="module")
def hostile() -> Page:
    return page_of(sample(60, hostile=True))


def text_of(page: Page) -> str:
    return re.sub(r"\s+", " ", "".join(page.text))


def test_every_element_is_closed_in_its_place(plain, hostile):
    assert plain.unclosed == []
    assert hostile.unclosed == []


def test_ids_are_unique_and_every_link_inside_the_page_has_its_target(plain):
    ids = plain.attributes("id")
    assert len(ids) == len(set(ids))
    inside = {unquote(href[1:]) for href in plain.attributes("href") if href.startswith("#")}
    assert inside <= set(ids)


def test_every_result_can_be_linked_to(plain):
    ids = set(plain.attributes("id"))
    assert {entry["id"] for entry in sample(120).results["results"]} <= ids


def test_nothing_is_loaded_from_anywhere(plain, hostile):
    for page in (plain, hostile):
        assert page.attributes("src") == []
        elsewhere = {h for h in page.attributes("href") if not h.startswith(("#", "data:image/svg+xml,"))}
        assert elsewhere == {"recording/exchanges.jsonl"}
        assert "url(" not in "".join(page.raw["style"])


def test_the_policy_allows_exactly_the_scripts_and_styles_of_the_page(hostile):
    policy = next(
        a["content"] for tag, a in hostile.elements if a.get("http-equiv") == "Content-Security-Policy"
    )
    hashes = {
        kind: {
            f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'" for text in texts
        }
        for kind, texts in hostile.raw.items()
    }
    directives = dict(part.strip().split(" ", 1) for part in policy.split(";"))
    assert directives["default-src"] == "'none'"
    assert set(directives["script-src"].split()) == hashes["script"]
    assert set(directives["style-src"].split()) == hashes["style"]


def test_no_script_or_style_but_our_own_and_no_handler_or_inline_style(plain, hostile):
    for page in (plain, hostile):
        assert page.raw["script"] == [static("theme.js"), static("base.js", "report.js")]
        assert page.raw["style"] == [static("base.css", "report.css")]
        names = {name for _, attrs in page.elements for name in attrs}
        assert not [name for name in names if name.startswith("on") or name == "style"]
        tags = {tag for tag, _ in page.elements}
        assert not tags & {"iframe", "object", "embed", "base", "img"}


def test_a_hostile_page_has_the_elements_of_a_harmless_one(hostile):
    """What the target sends changes texts, never the structure."""
    harmless = sample(60)
    harmless.results["target"]["models"]["images"] = "x"
    harmless.results["notes"] = ["The target said x"]
    found = [{tag for tag, _ in page.elements} for page in (hostile, page_of(harmless))]
    assert found[0] == found[1]


def test_unseen_characters_are_spelled_out():
    made = sample(60, hostile=True)
    html = render_report(made.results, made.exchanges, made.requirements)
    assert UNSEEN.findall(html.replace("\n", "")) == []
    assert 'title="U+202E RIGHT-TO-LEFT OVERRIDE">\\u202e</span>' in html
    html.encode("utf-8")


def test_a_line_feed_in_a_header_starts_no_header(plain):
    assert "req_9\\nX-Injected: 1" in text_of(plain)


def test_the_verdict_comes_first_in_a_sentence(plain):
    text = text_of(plain)
    assert "Does not conform: 7 requirements are broken, on 4 operations." in text
    assert (
        "116 of 118 judged: 104 pass, 7 fail, 2 warn, 2 gated, 1 waived; 2 untestable (name a model" in text
    )
    order = [
        text.index(word)
        for word in ("Does not conform", "MUSTs that the target breaks", "What the contract promises")
    ]
    assert order == sorted(order)


def test_findings_show_what_was_expected_and_mark_where_it_was_seen():
    html = render_report(*_parts(sample(40)))
    assert "&#34;total_tokens&#34;: <mark>27</mark>" in html
    assert "<mark>&#34;chatcmpl-OTHER&#34;</mark>" in html
    assert "<mark>&#34;conversation.created&#34;</mark>" in html
    assert "<mark>HTTP/1.1 200</mark>" in html
    assert '<mark class="missing">openai-processing-ms: no such header</mark>' in html


def test_a_member_that_is_missing_is_named_below_the_object_that_lacks_it():
    made = sample(40)
    found = next(e for e in made.results["results"] if e["id"] == "chat/minimal/json::CHAT-003")
    found["findings"] = [finding("the member 'service_tier'", "{...}", "/", "chat/minimal/json#0.1")]
    html = render_report(*_parts(made))
    assert "<figcaption>there is no service_tier in what is marked</figcaption>" in html


def test_reasons_that_differ_only_in_the_case_they_name_are_one():
    made = sample(40)
    for number, entry in enumerate(e for e in made.results["results"] if e["outcome"] == "untestable"):
        entry["message"] = f"not judged, as chat/tools/case-{number} was answered 500"
    page = Page(render_report(*_parts(made)))
    assert "not judged, as … was answered 500" in text_of(page)


def test_each_request_is_there_as_a_command_without_the_key():
    html = render_report(*_parts(sample(40)))
    assert "Authorization: Bearer &#39;&#34;$OPENAI_API_KEY&#34;" in html
    assert "[key]" not in html
    assert "it&#39;&#34;&#39;&#34;&#39;s a test." in html


def test_an_exchange_is_shown_once_and_named_from_elsewhere():
    html = render_report(*_parts(sample(40)))
    assert (
        html.count('aria-label="Command that repeats the request"') == 7
    )  # eight exchanges, one of them a second attempt at the same request
    assert 'Exchange <a href="#exchange-' in html


def test_what_was_not_judged_says_why_and_is_never_green(plain):
    text = text_of(plain)
    for words in (
        "completions/minimal/json was refused with 404: no such model",
        "name a model to test it: --model images=ID",
        "name a model to test it: --model audio=ID",
        "waived until 2027-01-31 by ops: gateway fix is on its way",
    ):
        assert words in text
    listed = {attrs["data-o"] for _, attrs in plain.elements if attrs.get("class") == "by"}
    assert listed == {"pass", "fail", "warn", "gated", "untestable", "not_tested", "waived"}


def test_another_contract_than_the_installed_one_is_said():
    made = sample(30)
    assert "judged by another contract" not in text_of(page_of(made, installed_sha256="ab" * 32))
    assert "judged by another contract" in text_of(page_of(made, installed_sha256="cd" * 32))


def test_a_requirement_that_the_installed_contract_does_not_know_is_still_reported():
    made = sample(30)
    page = Page(render_report(made.results, made.exchanges, {}))
    assert "The installed contract has no requirement of this id." in text_of(page)


def test_an_exchange_that_the_recording_lacks_is_named():
    made = sample(30)
    page = Page(render_report(made.results, {}, made.requirements))
    assert "Exchange chat/minimal/json#0.1 is not in the recording" in text_of(page)


def test_a_green_run_says_so_and_has_no_failures():
    page = page_of(sample(60, telling=False))
    text = text_of(page)
    assert "Conforms: everything in scope was judged, and no MUST is broken." in text
    assert not {"failures", "warnings", "waived", "gated"} & set(page.attributes("id"))


def test_a_run_that_broke_off_says_so():
    made = sample(60, telling=False)
    made.results["finished_at"] = None
    made.results["verdict"] = "incomplete"
    text = text_of(page_of(made))
    assert "Incomplete: the run broke off before everything in scope was judged." in text
    assert "broken off" in text


@pytest.mark.parametrize("fail_share", [1, 10])
def test_two_thousand_results_with_large_bodies_stay_under_five_megabytes(fail_share):
    made = sample(2000, fail_share=fail_share, body_size=100_000)
    html = render_report(made.results, made.exchanges, made.requirements)
    assert len(made.results["results"]) == 2000
    assert len(html.encode()) < 5_000_000


def test_the_run_can_be_repeated_from_the_report():
    made = sample(30)
    made.results["target"]["models"] = {"text": "a b"}
    assert reproduction(made.results) == (
        "conformance run --base-url https://api.example.com/v1 --api-key-env OPENAI_API_KEY"
        " \\\n  --model 'text=a b'"
    )


def test_the_bar_fills_its_width_and_shows_the_rarest_outcome():
    bar = outcome_bar(
        {"pass": 5000, "fail": 1, "warn": 0, "gated": 0, "untestable": 0, "not_tested": 0, "waived": 0}
    )
    assert [name for name, *_ in bar] == ["fail", "pass"]
    assert bar[0][3] > 10
    assert round(sum(width for *_, width in bar)) == 1000


def test_rendering_twice_gives_the_same_bytes():
    made = sample(60, hostile=True)
    assert render_report(*_parts(made)) == render_report(*_parts(made))


def _parts(made: Sample):
    return made.results, made.exchanges, made.requirements
