"""Many runs asked for by one question: seeds, folds, a learning curve, or rounds of pseudo-labels."""

from typing import TYPE_CHECKING

from luthier.core.lazy import lazy_face

if TYPE_CHECKING:
    from luthier.study.design import StudyDesign
    from luthier.study.kinds import Curve, Folds, Seeds
    from luthier.study.pseudo_labels import PseudoLabels
    from luthier.study.study import read_design, read_study_file, run_directories, run_study
    from luthier.study.study_file import STUDY_FILE, read_kind

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

__getattr__, __dir__ = lazy_face(
    __name__,
    {
        "Curve": "luthier.study.kinds",
        "Folds": "luthier.study.kinds",
        "PseudoLabels": "luthier.study.pseudo_labels",
        "STUDY_FILE": "luthier.study.study_file",
        "Seeds": "luthier.study.kinds",
        "StudyDesign": "luthier.study.design",
        "read_design": "luthier.study.study",
        "read_kind": "luthier.study.study_file",
        "read_study_file": "luthier.study.study",
        "run_directories": "luthier.study.study",
        "run_study": "luthier.study.study",
    },
)
