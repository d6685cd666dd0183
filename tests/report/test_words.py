"""Metrics in words: what is missing is said with its reason."""

from luthier.report.words import format_metrics

PART = {
    "accuracy": 1.0, "auroc": 1.0, "top-5": None, "rmse": 12345.6, "n": 30, "interval": [0.9, 1.0],
    "intervals": {"accuracy": [0.9, 1.0], "auroc": None, "rmse": [12000.0, 13000.0], "top-5": None},
    "undefined": {"top-5": "with 3 classes every answer is among the top 5"},
}  # fmt: skip


def test_each_has_its_interval_or_the_reason_for_none():
    assert dict(format_metrics(PART)) == {
        "accuracy": "100.00% (95% interval 90.00% to 100.00%)",
        "auroc": "1 (no interval: too few examples, or none that differ)",
        "top-5": "not defined: with 3 classes every answer is among the top 5",
        "rmse": "12,346 (95% interval 12,000 to 13,000)",
        "examples": "30",
    }


def test_a_result_of_an_earlier_version_has_but_one_interval():
    old = {"accuracy": 0.5, "loss": 0.75, "interval": [0.25, 0.75], "n": 8}
    assert dict(format_metrics(old))["loss"] == "0.75"
