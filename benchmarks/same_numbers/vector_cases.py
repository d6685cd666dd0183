"""Cases on rows, tables, texts and sequences, and on networks that are listed layer by layer."""

from case import Case
from picture_cases import train

ROWS = {
    "table": train(
        """
        data = {source = "../../data/visits.csv", target = "outcome", group = "patient"}
        split = {name = "group", validation = 0.2}
        training = {epochs = 3, batch_size = 32, monitor = "auroc", class_weights = "balanced"}
        model = {name = "mlp", depth = 2, width = 16, activation = "relu", norm = "batch", dropout = 0.1}
        initialiser = {name = "he-normal", class_frequencies = true}
        optimizer = {name = "adamw", learning_rate = 0.01}
        """,
        "evaluate run --json",
        "predict run ../../data/visits.csv --json",
        "check ../../data/visits.csv --set data.target=outcome --set data.group=patient --json --quiet",
        options="--calibrate",
    ),
    "values": train(
        """
        data = {source = "../../data/houses.csv", target = "price", task = "regression"}
        split = {name = "random", validation = 0.2}
        training = {epochs = 4, batch_size = 32, monitor = "rmse"}
        model = {name = "mlp", width = 16, activation = "tanh"}
        loss = {name = "huber", delta = 1.0}
        """,
        "evaluate run --json",
        "predict run ../../data/houses.csv --json",
    ),
    "values-by-time": train("""
        data = {source = "../../data/series.npz"}
        split = {name = "time", validation = 0.2}
        training = {epochs = 3, batch_size = 16, monitor = "mae"}
        model = {name = "mlp", width = 16, activation = "sigmoid"}
        loss = {name = "mse"}
        tricks.mixup = {alpha = 0.2}
        """),
    "values-as-they-come": train('data = {source = "../../data/series.npz"}\ntraining = {epochs = 2, monitor = "r2"}'),
    "softmax-regression": train("""
        data = {source = "digits"}
        split = {name = "stratified", examples = 200}
        training = {epochs = 2, batch_size = 32}
        model = {name = "softmax-regression"}
        initialiser = {name = "zeros"}
        optimizer = {name = "sgd", learning_rate = 0.05, weight_decay = 0.001}
        schedule = {name = "constant"}
        """),
    "constant-start": train("""
        data = {source = "digits"}
        split = {name = "stratified", examples = 200}
        training = {epochs = 2, batch_size = 32}
        model = {name = "mlp", width = 16, activation = "identity"}
        initialiser = {name = "constant", value = 0.02, output = 1.0}
        """),
    "extra-examples": train(
        """
        data = {source = "digits"}
        split = {name = "stratified", examples = 100}
        training = {epochs = 2, batch_size = 32}
        model = {name = "mlp", width = 16}
        """,
        options="--extra digits --seed 3",
    ),
}

SEQUENCES = {
    "gru-text": train(
        """
        data = {source = "../../data/reviews.csv"}
        training = {epochs = 3, batch_size = 32}
        model = {name = "gru", embedding = 8, width = 12, bidirectional = true}
        """,
        "predict run ../../data/reviews.csv --json",
    ),
    "cnn1d-text": train("""
        data = {source = "../../data/reviews.csv", text = "review"}
        training = {epochs = 2, batch_size = 32}
        model = {name = "cnn1d", embedding = 8, width = 12, depth = 2, kernel = 3}
        tricks.label-smoothing = {share = 0.05}
        """),
    "lstm": train(
        """
        data = {source = "../../data/sequences.npz"}
        training = {epochs = 2, batch_size = 32}
        model = {name = "lstm", depth = 2, width = 12, dropout = 0.2}
        sampling = {name = "weighted"}
        tricks.gradient-clipping = {norm = 0.5}
        """,
        "predict run ../../data/sequences.npz --json",
    ),
    "rnn": train("""
        data = {source = "../../data/sequences.npz"}
        training = {epochs = 2, batch_size = 32}
        model = {name = "rnn", width = 12, bidirectional = true}
        """),
    "cnn1d": train("""
        data = {source = "../../data/sequences.npz"}
        training = {epochs = 2, batch_size = 32}
        model = {name = "cnn1d", width = 12, depth = 2, kernel = 3, dropout = 0.1}
        tricks.mixup = {alpha = 0.4}
        """),
}

LAYERS = {
    "sparse-layers": train("""
        data = {source = "digits"}
        split = {name = "stratified", examples = 200}
        training = {epochs = 2, batch_size = 32}
        [model]
        name = "sequential"
        layers = [
            {name = "flatten"},
            {name = "sparse-linear", units = 32, fan_in = 8},
            {name = "layer-norm"},
            {name = "activation", function = "tanh"},
            {name = "dropout", rate = 0.1},
            {name = "linear", units = 16},
            {name = "activation", function = {name = "leaky-relu", slope = 0.1}},
        ]
        """),
    "picture-layers": train("""
        data = {source = "digits", size = 16}
        split = {name = "stratified", examples = 200}
        training = {epochs = 2, batch_size = 32}
        [model]
        name = "sequential"
        layers = [
            {name = "convolution", maps = 8, kernel = 3, padding = 1},
            {name = "batch-norm"},
            {name = "activation", function = "relu"},
            {name = "local-response-norm", size = 3, alpha = 0.01},
            {name = "max-pool", kernel = 2},
            {name = "depthwise-convolution", multiplier = 2, kernel = 3},
            {name = "group-norm", groups = 4},
            {name = "spatial-dropout", rate = 0.2},
            {name = "average-pool", kernel = 2},
            {name = "global-average-pool"},
        ]
        """),
    "layers-of-1998": train("""
        data = {source = "digits", size = 20}
        split = {name = "stratified", examples = 200}
        training = {epochs = 2, batch_size = 32}
        [model]
        name = "sequential"
        layers = [
            {name = "convolution", maps = 4, kernel = 5},
            {name = "activation", function = "scaled-tanh"},
            {name = "subsampling"},
            {name = "table-convolution", table = [[0, 1], [1, 2], [2, 3], [0, 3], [0, 1, 2, 3]], kernel = 3},
            {name = "subsampling"},
            {name = "flatten"},
            {name = "linear", units = 20},
        ]
        """),
    "recurrent-layers": train("""
        data = {source = "digits"}
        split = {name = "stratified", examples = 200}
        training = {epochs = 2, batch_size = 32}
        [model]
        name = "sequential"
        layers = [
            {name = "rows"},
            {name = "rnn", units = 12, output = "sequence"},
            {name = "lstm", units = 12, output = "sequence", bidirectional = true},
            {name = "gru", units = 12, output = "last"},
        ]
        """),
    "token-layers": train("""
        data = {source = "../../data/tokens.npz", form = "rows"}
        training = {epochs = 2, batch_size = 32}
        [model]
        name = "sequential"
        layers = [{name = "embedding", tokens = 30, width = 6}, {name = "gru", units = 10}]
        """),
}

VECTORS: dict[str, Case] = {**ROWS, **SEQUENCES, **LAYERS}
