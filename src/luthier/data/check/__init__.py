"""The pre-flight: everything that is wrong with data, found before the first step."""

from luthier.data.check.finding import Finding
from luthier.data.check.leaks import leaked
from luthier.data.check.report import Report, check, quick

__all__ = ["Finding", "Report", "check", "leaked", "quick"]
