"""How data are divided into parts, one file per way."""

from luthier.core.declare import Registry
from luthier.data.splitting.group import Group
from luthier.data.splitting.random import Random
from luthier.data.splitting.splitter import Splitter
from luthier.data.splitting.stratified import Stratified
from luthier.data.splitting.time import Time

SPLITTERS = Registry("splitter", Splitter, (Group, Random, Stratified, Time))

__all__ = ["SPLITTERS", "Group", "Random", "Splitter", "Stratified", "Time"]
