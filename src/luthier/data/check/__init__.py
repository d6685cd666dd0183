"""The pre-flight: everything that is wrong with data, found before the first step."""

from luthier.data.check.finding import Finding
from luthier.data.check.labels import count_leaks
from luthier.data.check.report import Report, check, quick
from luthier.data.check.source import examine
from luthier.report.check_page import page, summary

__all__ = ["Finding", "Report", "check", "count_leaks", "examine", "page", "quick", "summary"]
