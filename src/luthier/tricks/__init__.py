"""What may be added to a recipe or taken out of it without changing the task, one file per trick."""

from luthier.core.declare import Registry
from luthier.tricks.confidence_penalty import ConfidencePenalty
from luthier.tricks.cutmix import CutMix
from luthier.tricks.early_stopping import EarlyStopping
from luthier.tricks.ema import EMA
from luthier.tricks.fixmatch import FixMatch
from luthier.tricks.gradient_accumulation import GradientAccumulation
from luthier.tricks.gradient_clipping import GradientClipping
from luthier.tricks.gradient_noise import GradientNoise
from luthier.tricks.gradual_unfreezing import GradualUnfreezing
from luthier.tricks.l1 import L1
from luthier.tricks.l2 import L2
from luthier.tricks.label_smoothing import LabelSmoothing
from luthier.tricks.layer_freezing import LayerFreezing
from luthier.tricks.lookahead import Lookahead
from luthier.tricks.max_norm import MaxNorm
from luthier.tricks.mean_teacher import MeanTeacher
from luthier.tricks.mixed_precision import MixedPrecision
from luthier.tricks.mixup import Mixup
from luthier.tricks.moment import Forward, StepContext, TrainingContext
from luthier.tricks.order import conflicts, sort_tricks
from luthier.tricks.parts import LEAST, in_parts
from luthier.tricks.progressive_resizing import ProgressiveResizing
from luthier.tricks.sam import SAM
from luthier.tricks.swa import SWA
from luthier.tricks.test_time_augmentation import TestTimeAugmentation
from luthier.tricks.trick import Backward, Outcome, Report, Setup, Trick, TrickState

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
