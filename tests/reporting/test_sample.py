from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from conformance.datafiles import check_against_schema
from conformance.reference.state import KEY
from tests.reporting.sample_results import sample

COMMITTED = Path(__file__).resolve().parents[2] / "reports" / "sample"


@pytest.mark.parametrize(
    "options", [{}, {"hostile": True}, {"telling": False}, {"fail_share": 3, "body_size": 500}]
)
def test_the_made_up_run_that_reports_are_tested_on_keeps_the_schema_of_results(options):
    check_against_schema(sample(100, **options).results, "results", "results.json")


def test_the_committed_sample_is_a_whole_run_with_failures():
    results = json.loads((COMMITTED / "results.json").read_text("utf-8"))
    check_against_schema(results, "results", "results.json")
    assert results["verdict"] == "violations"
    assert results["finished_at"] is not None
    page = (COMMITTED / "index.html").read_text("utf-8")
    missing = [entry["id"] for entry in results["results"] if entry["id"] not in page]
    assert missing == []


def test_the_committed_sample_holds_no_key_and_no_path_of_a_machine():
    for path in COMMITTED.rglob("*.*"):
        text = path.read_text("utf-8")
        assert KEY not in text, path.name
        assert not re.search(r"(?<![\w.])/(home|root|work|tmp)/", text), path.name
