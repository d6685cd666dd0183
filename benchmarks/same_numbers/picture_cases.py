"""Cases on pictures: every architecture for them, each with other optimizers, losses, augmentations and tricks."""

from case import Case, Command

TRAIN = "train --recipe recipe.toml --out run --quiet --json"
COLOUR = 'source = "../../data/pictures.npz"'


def train(recipe: str, *further: str, options: str = "") -> Case:
    """Make a case that trains a recipe into `run` and then runs further commands."""
    return Case(recipe, tuple(map(Command, (f"{TRAIN} {options}".strip(), *further))))


LENETS = {
    "lenet5-as-it-comes": Case(
        "",
        (
            Command("train digits --epochs 2 --out run --quiet --json"),
            Command("evaluate run --json"),
            Command("inspect run --json"),
            Command("inspect run --health --json"),
            Command("mislabelled run --json"),
            Command("fsck run --json"),
        ),
    ),
    "lenet5": train("""
        data = {source = "digits", size = 28, fit = "resize"}
        split = {name = "stratified", validation = 0.2, examples = 300}
        training = {epochs = 2, batch_size = 64, monitor = "top-5"}
        model = {name = "lenet5", activation = "leaky-relu", norm = "batch", dropout = 0.1}
        initialiser = {name = "he-normal", output = 0.5}
        loss = {name = "cross-entropy"}
        optimizer = {name = "adamw", learning_rate = 0.004, weight_decay = 0.05, layer_decay = 0.9}
        schedule = {name = "one-cycle", warmup = 0.1}
        sampling = {name = "shuffled"}
        augment.rotation = {degrees = 15.0}
        augment.random-scale = {share = 0.2}
        augment.shear = {horizontal = 0.2, vertical = 0.1}
        augment.translation = {share = 0.1, fill = "edge"}
        tricks.label-smoothing = {share = 0.1}
        """),
    "lenet5-1998": train("""
        data = {source = "digits", size = 32, fit = "pad"}
        split = {name = "random", validation = 0.1, examples = 300}
        training = {epochs = 2, batch_size = 32, monitor = "log-loss"}
        model = {name = "lenet5-1998"}
        initialiser = {name = "lecun-1998"}
        loss = {name = "map-1998", rejection = 20.0}
        optimizer = {name = "adamw", learning_rate = 0.002}
        schedule = {name = "one-cycle"}
        sampling = {name = "shuffled"}
        augment.squeeze = {strength = 0.2}
        augment.elastic = {alpha = 20.0, sigma = 4.0}
        """),
    "fixmatch": train("""
        data = {source = "digits", unlabelled = "digits", size = 20}
        split = {name = "stratified", validation = 0.0, examples = 50}
        training = {epochs = 3, batch_size = 25}
        model = {name = "lenet5"}
        augment.rotation = {degrees = 10.0}
        tricks.fixmatch = {weight = 1.0, threshold = 0.2, ratio = 2, erasing = 0.5}
        """),
    "mean-teacher": train("""
        data = {source = "digits", unlabelled = "digits"}
        split = {name = "stratified", validation = 0.1, examples = 60}
        training = {epochs = 3, batch_size = 20}
        model = {name = "mlp", width = 16, activation = "relu"}
        augment.noise = {std = 0.1}
        tricks.mean-teacher = {weight = 5.0, decay = 0.9, ratio = 3}
        """),
    "bfloat16": train("""
        data = {source = "digits", size = 20}
        split = {name = "stratified", validation = 0.1, examples = 200}
        training = {epochs = 2, batch_size = 64}
        model = {name = "lenet5"}
        tricks.mixed-precision = {precision = "bfloat16"}
        """),
    "float16": train("""
        data = {source = "digits"}
        split = {name = "stratified", validation = 0.1, examples = 200}
        training = {epochs = 2, batch_size = 64}
        model = {name = "mlp", width = 32}
        tricks.mixed-precision = {precision = "float16"}
        tricks.gradient-accumulation = {micro_batch = 16}
        """),
    "class-folders": train(
        """
        data = {source = "../../data/folder", size = 16, fit = "crop"}
        split = {name = "stratified", validation = 0.2}
        training = {epochs = 3, batch_size = 16, monitor = "ece"}
        model = {name = "lenet5", activation = "scaled-tanh"}
        augment.grayscale = {probability = 0.3}
        tricks.early-stopping = {patience = 1}
        """,
        "predict run ../../data/folder/cross/00.png ../../data/folder/circle/01.png ../../data/folder/square/02.png "
        "../../data/folder/cross/03.png --json",
        "evaluate run --data ../../data/folder --json",
        "check ../../data/folder --json --quiet",
    ),
}

RESIDUAL = {
    "resnet20": train(f"""
        data = {{{COLOUR}, size = 16}}
        training = {{epochs = 2, batch_size = 32, monitor = "macro-f1"}}
        model = {{name = "resnet20", width = 0.25, stochastic_depth = 0.2, dropout = 0.1}}
        initialiser = {{name = "he-uniform", fan = "out"}}
        loss = {{name = "brier"}}
        optimizer = {{name = "momentum", learning_rate = 0.05, weight_decay = 0.001}}
        schedule = {{name = "cosine", warmup = 0.2, final = 0.1}}
        sampling = {{name = "balanced"}}
        augment.horizontal-flip = {{probability = 0.5}}
        augment.random-crop = {{padding = 2, area = 0.5}}
        tricks.mixup = {{alpha = 0.4}}
        """),
    "resnet32": train(f"""
        data = {{{COLOUR}, size = 16}}
        training = {{epochs = 2, batch_size = 32, monitor = "loss"}}
        model = {{name = "resnet32", width = 0.25, shortcut = "projection"}}
        initialiser = {{name = "xavier-normal"}}
        loss = {{name = "bce"}}
        optimizer = {{name = "nesterov", learning_rate = 0.02, momentum = 0.8}}
        schedule = {{name = "multi-step", places = [0.3, 0.6], drop = 0.5}}
        sampling = {{name = "square-root-balanced"}}
        augment.vertical-flip = {{probability = 0.5}}
        tricks.cutmix = {{alpha = 1.0, share = 0.8}}
        """),
    "resnet56": train(f"""
        data = {{{COLOUR}, size = 8}}
        training = {{epochs = 1, batch_size = 32, monitor = "auroc"}}
        model = {{name = "resnet56", width = 0.125, norm = "group", zero_gamma = true}}
        initialiser = {{name = "xavier-uniform"}}
        loss = {{name = "focal", gamma = 1.5}}
        optimizer = {{name = "sgd", learning_rate = 0.1, layer_decay = 0.98}}
        schedule = {{name = "exponential", final = 0.1}}
        sampling = {{name = "sequential"}}
        augment.color = {{brightness = 0.2, contrast = 0.2, saturation = 0.2, hue = 0.05}}
        """),
    "resnet18": train(f"""
        data = {{{COLOUR}, size = 16}}
        training = {{epochs = 2, batch_size = 32}}
        model = {{name = "resnet18", width = 0.125}}
        initialiser = {{name = "lecun-normal"}}
        optimizer = {{name = "rmsprop", learning_rate = 0.002, momentum = 0.5, centred = true}}
        schedule = {{name = "polynomial", power = 2.0}}
        augment.random-erasing = {{probability = 0.7, area = 0.3}}
        tricks.ema = {{decay = 0.9}}
        """),
    "resnet34": train(f"""
        data = {{{COLOUR}, size = 16}}
        training = {{epochs = 3, batch_size = 32}}
        model = {{name = "resnet34", width = 0.125}}
        initialiser = {{name = "lecun-uniform"}}
        optimizer = {{name = "adam", learning_rate = 0.004, beta1 = 0.8}}
        schedule = {{name = "step", every = 0.3, drop = 0.5}}
        augment.blur = {{sigma = 1.0}}
        augment.noise = {{std = 0.1}}
        tricks.swa = {{start = 0.4}}
        """),
    "resnet50": train(f"""
        data = {{{COLOUR}, size = 16}}
        training = {{epochs = 1, batch_size = 32}}
        model = {{name = "resnet50", width = 0.125, zero_gamma = true, stem = "large"}}
        initialiser = {{name = "normal", std = 0.05}}
        optimizer = {{name = "nadam", learning_rate = 0.002}}
        schedule = {{name = "warm-restarts", cycles = 2, growth = 1.5}}
        augment.trivialaugment = {{probability = 1.0}}
        tricks.lookahead = {{every = 2, share = 0.5}}
        """),
    "mobilenetv2": train(f"""
        data = {{{COLOUR}, size = 16}}
        training = {{epochs = 2, batch_size = 32}}
        model = {{name = "mobilenetv2", width = 0.125, activation = "relu6", stochastic_depth = 0.1}}
        initialiser = {{name = "truncated-normal", std = 0.1}}
        optimizer = {{name = "lion", learning_rate = 0.001}}
        schedule = {{name = "reduce-on-plateau", patience = 1, drop = 0.5}}
        sampling = {{name = "curriculum", start = 0.4, epochs = 2}}
        augment.randaugment = {{operations = 2, magnitude = 9.0}}
        tricks.gradient-clipping = {{norm = 1.0, value = 0.1, adaptive = 0.1}}
        """),
}

PLAIN = {
    "googlenet": train(f"""
        data = {{{COLOUR}, size = 16}}
        training = {{epochs = 1, batch_size = 32}}
        model = {{name = "googlenet", width = 0.125, kernel = 5}}
        initialiser = {{name = "orthogonal", gain = 1.2}}
        loss = {{name = "mse"}}
        optimizer = {{name = "radam", learning_rate = 0.01}}
        schedule = {{name = "one-cycle", rise = 0.5}}
        augment.inversion = {{probability = 0.5}}
        tricks.sam = {{radius = 0.05}}
        """),
    "alexnet": train(f"""
        data = {{{COLOUR}, size = 32}}
        training = {{epochs = 2, batch_size = 32}}
        model = {{name = "alexnet", width = 0.0625}}
        initialiser = {{name = "uniform", limit = 0.1}}
        loss = {{name = "generalised-cross-entropy", q = 0.7}}
        optimizer = {{name = "adagrad", learning_rate = 0.02, initial = 0.1}}
        schedule = {{name = "constant", warmup = 0.3}}
        sampling = {{name = "hard-examples", alike = 0.25}}
        tricks.gradient-accumulation = {{micro_batch = 8}}
        """),
    "nin": train(f"""
        data = {{{COLOUR}, size = 16}}
        training = {{epochs = 2, batch_size = 32, monitor = "accuracy"}}
        model = {{name = "nin", width = 0.125, norm = "layer"}}
        initialiser = {{name = "lsuv"}}
        loss = {{name = "huber", delta = 0.5}}
        optimizer = {{name = "muon", learning_rate = 0.01, iterations = 5}}
        schedule = {{name = "cosine"}}
        tricks.max-norm = {{limit = 1.0}}
        """),
    "vgg11": train(f"""
        data = {{{COLOUR}, size = 32}}
        training = {{epochs = 1, batch_size = 32}}
        model = {{name = "vgg11", width = 0.0625, activation = "elu"}}
        initialiser = {{name = "pca"}}
        loss = {{name = "hinge"}}
        optimizer = {{name = "adamw", learning_rate = 0.002}}
        tricks.l1 = {{strength = 0.001}}
        """),
    "vgg11-bn": train(f"""
        data = {{{COLOUR}, size = 32}}
        training = {{epochs = 1, batch_size = 32}}
        model = {{name = "vgg11-bn", width = 0.0625, activation = "gelu"}}
        tricks.l2 = {{strength = 0.01}}
        """),
    "vgg13": train(f"""
        data = {{{COLOUR}, size = 32}}
        training = {{epochs = 1, batch_size = 32}}
        model = {{name = "vgg13", width = 0.0625, activation = "hard-swish"}}
        tricks.confidence-penalty = {{strength = 0.2}}
        """),
    "vgg13-bn": train(f"""
        data = {{{COLOUR}, size = 32}}
        training = {{epochs = 1, batch_size = 32}}
        model = {{name = "vgg13-bn", width = 0.0625, activation = "mish"}}
        tricks.gradient-noise = {{size = 0.02}}
        """),
    "vgg16": train(f"""
        data = {{{COLOUR}, size = 32}}
        training = {{epochs = 2, batch_size = 32}}
        model = {{name = "vgg16", width = 0.0625, activation = "prelu"}}
        tricks.gradual-unfreezing = {{pace = 2}}
        """),
    "vgg16-bn": train(f"""
        data = {{{COLOUR}, size = 32}}
        training = {{epochs = 1, batch_size = 32}}
        model = {{name = "vgg16-bn", width = 0.0625, activation = "selu"}}
        tricks.layer-freezing = {{layers = 2}}
        """),
    "vgg19": train(f"""
        data = {{{COLOUR}, size = 48}}
        training = {{epochs = 2, batch_size = 64}}
        model = {{name = "vgg19", width = 0.0625, activation = "silu"}}
        tricks.progressive-resizing = {{start = 0.7}}
        """),
    "vgg19-bn": train(f"""
        data = {{{COLOUR}, size = 32}}
        training = {{epochs = 1, batch_size = 32}}
        model = {{name = "vgg19-bn", width = 0.0625, activation = "softplus"}}
        tricks.test-time-augmentation = {{shift = 1, flip = true}}
        """),
}

PICTURES = {**LENETS, **RESIDUAL, **PLAIN}
