"""Many runs asked for by one question: seeds, folds, a learning curve, or rounds of pseudo-labels."""

from luthier.study.curve import Curve
from luthier.study.folds import Folds
from luthier.study.ledger import LEDGER, kind_of, members, question_of, read_ledger
from luthier.study.pseudo_labels import PseudoLabels
from luthier.study.question import Question
from luthier.study.seeds import Seeds
from luthier.study.study import run_study

__all__ = [
    "LEDGER",
    "Curve",
    "Folds",
    "PseudoLabels",
    "Question",
    "Seeds",
    "kind_of",
    "members",
    "question_of",
    "read_ledger",
    "run_study",
]
