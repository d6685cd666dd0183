"""Where the named sets are published, and by which digests their files are known.

Lengths and SHA-256: TensorFlow Datasets (Apache-2.0), github.com/tensorflow/datasets, the lists in
tensorflow_datasets/url_checksums: mnist.txt at commit 31f1255, fashion_mnist.txt, kmnist.txt and cifar10.txt at commit
333639b. Two of these lists name http addresses; the files are the same at the https addresses below, or are refused.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from luthier.data.download import Remote


@dataclass(frozen=True)
class Published:
    """The files of a set; unpacked: members of the one archive with their lengths, none where files stay packed."""

    files: tuple[Remote, ...]
    unpacked: Mapping[str, int] = field(default_factory=dict)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the files that a folder must hold."""
        return tuple(one.rpartition("/")[2] for one in self.unpacked) or tuple(one.name for one in self.files)

    @property
    def origin(self) -> str:
        """The address of the one file, or that which all begin with."""
        first = self.files[0].url
        return first if len(self.files) == 1 else first.removesuffix(self.files[0].name)


def _four(base: str, *files: tuple[int, str]) -> Published:
    names = ("train-images-idx3", "train-labels-idx1", "t10k-images-idx3", "t10k-labels-idx1")
    urls = [f"{base}/{name}-ubyte.gz" for name in names]
    return Published(tuple(Remote(url, *one) for url, one in zip(urls, files, strict=True)))


CIFAR_BATCH = 30_730_000  # 10,000 records of a label and 3 x 32 x 32 bytes
CIFAR_FILES = (*(f"data_batch_{number}.bin" for number in range(1, 6)), "test_batch.bin")

PUBLISHED = {
    "cifar10": Published(
        (
            Remote(
                "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz",
                170_052_171,
                "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd",
            ),
        ),
        {f"cifar-10-batches-bin/{name}": CIFAR_BATCH for name in CIFAR_FILES},
    ),
    "fashion-mnist": _four(
        "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion",
        (26_421_880, "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84"),
        (29_515, "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845"),
        (4_422_102, "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073"),
        (5_148, "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5"),
    ),
    "kmnist": _four(
        "https://codh.rois.ac.jp/kmnist/dataset/kmnist",
        (18_165_135, "51467d22d8cc72929e2a028a0428f2086b092bb31cfb79c69cc0a90ce135fde4"),
        (29_497, "e38f9ebcd0f3ebcdec7fc8eabdcdaef93bb0df8ea12bee65224341c8183d8e17"),
        (3_041_136, "edd7a857845ad6bb1d0ba43fe7e794d164fe2dce499a1694695a792adfac43c5"),
        (5_120, "20bb9a0ef54c7db3efc55a92eef5582c109615df22683c380526788f98e42a1c"),
    ),
    "mnist": _four(
        "https://storage.googleapis.com/cvdf-datasets/mnist",
        (9_912_422, "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609"),
        (28_881, "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c"),
        (1_648_877, "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6"),
        (4_542, "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6"),
    ),
}
