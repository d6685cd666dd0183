"""Loggers that are sent the history as it grows, one file each; the packages behind them are optional."""

from luthier.logs.logger import LOGGERS, Logs, check_loggers, open_loggers, scalars

__all__ = ["LOGGERS", "Logs", "check_loggers", "open_loggers", "scalars"]
