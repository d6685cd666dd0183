"""What may be added to a recipe or taken out of it without changing the task, one file per trick."""

from luthier.core.declare import Registry
from luthier.training.trick import (
    LEAST,
    Backward,
    Forward,
    Outcome,
    Report,
    Setup,
    StepContext,
    TrainingContext,
    Trick,
    TrickState,
    conflicts,
    in_parts,
    sort_tricks,
)
from luthier.training.tricks.confidence_penalty import ConfidencePenalty
from luthier.training.tricks.cutmix import CutMix
from luthier.training.tricks.early_stopping import EarlyStopping
from luthier.training.tricks.ema import EMA
from luthier.training.tricks.fixmatch import FixMatch
from luthier.training.tricks.gradient_accumulation import GradientAccumulation
from luthier.training.tricks.gradient_clipping import GradientClipping
from luthier.training.tricks.gradient_noise import GradientNoise
from luthier.training.tricks.gradual_unfreezing import GradualUnfreezing
from luthier.training.tricks.l1 import L1
from luthier.training.tricks.l2 import L2
from luthier.training.tricks.label_smoothing import LabelSmoothing
from luthier.training.tricks.layer_freezing import LayerFreezing
from luthier.training.tricks.lookahead import Lookahead
from luthier.training.tricks.max_norm import MaxNorm
from luthier.training.tricks.mean_teacher import MeanTeacher
from luthier.training.tricks.mixed_precision import MixedPrecision
from luthier.training.tricks.mixup import Mixup
from luthier.training.tricks.progressive_resizing import ProgressiveResizing
from luthier.training.tricks.sam import SAM
from luthier.training.tricks.swa import SWA
from luthier.training.tricks.test_time_augmentation import TestTimeAugmentation

TRICKS = Registry(
    "trick",
    Trick,
    (
        ConfidencePenalty,
        CutMix,
        EarlyStopping,
        EMA,
        FixMatch,
        GradientAccumulation,
        GradientClipping,
        GradientNoise,
        GradualUnfreezing,
        L1,
        L2,
        LabelSmoothing,
        LayerFreezing,
        Lookahead,
        MaxNorm,
        MeanTeacher,
        MixedPrecision,
        Mixup,
        ProgressiveResizing,
        SAM,
        SWA,
        TestTimeAugmentation,
    ),
)


__all__ = [
    "EMA",
    "L1",
    "L2",
    "LEAST",
    "SAM",
    "SWA",
    "TRICKS",
    "Backward",
    "ConfidencePenalty",
    "CutMix",
    "EarlyStopping",
    "FixMatch",
    "Forward",
    "GradientAccumulation",
    "GradientClipping",
    "GradientNoise",
    "GradualUnfreezing",
    "LabelSmoothing",
    "LayerFreezing",
    "Lookahead",
    "MaxNorm",
    "MeanTeacher",
    "MixedPrecision",
    "Mixup",
    "Outcome",
    "ProgressiveResizing",
    "Report",
    "Setup",
    "StepContext",
    "TestTimeAugmentation",
    "TrainingContext",
    "Trick",
    "TrickState",
    "conflicts",
    "in_parts",
    "sort_tricks",
]
