"""The pre-flight: everything that is wrong with data, found before the first step."""

from luthier.data.check.finding import Finding
from luthier.data.check.labels import count_leaks
from luthier.data.check.report import Report, check, check_quickly
from luthier.data.check.source import examine

__all__ = ["Finding", "Report", "check", "check_quickly", "count_leaks", "examine"]
