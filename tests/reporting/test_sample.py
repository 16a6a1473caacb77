from __future__ import annotations

import pytest

from conformance.datafiles import check_against_schema
from tests.reporting.sample_results import sample


@pytest.mark.parametrize(
    "options", [{}, {"hostile": True}, {"telling": False}, {"fail_share": 3, "body_size": 500}]
)
def test_the_sample_that_reports_are_tested_on_keeps_the_schema_of_results(options):
    check_against_schema(sample(100, **options).results, "results", "results.json")
