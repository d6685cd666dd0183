"""Many runs asked for by one question: seeds, folds, a learning curve, or rounds of pseudo-labels."""

from luthier.study.kinds import Curve, Folds, Seeds
from luthier.study.pseudo_labels import PseudoLabels
from luthier.study.question import StudyDesign
from luthier.study.study import STUDY_FILE, read_design, read_kind, read_study_file, run_directories, run_study

__all__ = [
    "STUDY_FILE",
    "Curve",
    "Folds",
    "PseudoLabels",
    "Seeds",
    "StudyDesign",
    "read_design",
    "read_kind",
    "read_study_file",
    "run_directories",
    "run_study",
]
