"""The plan of the house, read from the source: who imports whom, tables and folders, sizes."""

import ast
import importlib
import pkgutil
import statistics
import subprocess
import sys
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path

import pytest

import luthier
from luthier.core.declare import Part, Registry
from luthier.data.augment import AUGMENTATIONS
from luthier.data.samplers import SAMPLERS
from luthier.data.splitters import SPLITTERS
from luthier.models import ARCHITECTURES, OwnModule
from luthier.models.activations import ACTIVATIONS
from luthier.models.initialisers import INITIALISERS
from luthier.models.layers import LAYERS
from luthier.models.losses import LOSSES
from luthier.optim.optimizers import OPTIMIZERS
from luthier.optim.schedules import SCHEDULES
from luthier.training.tricks import TRICKS

ROOT = Path(luthier.__file__).parent
FILES = sorted(ROOT.rglob("*.py"))
LEVELS = {
    "core": 1,
    "stats": 2, "charts": 2, "data": 2, "models": 2, "optim": 2,
    "training": 3,
    "recipe": 4,
    "run": 5,
    "export": 6, "study": 6,
    "compress": 7,
    "report": 8, "testing": 8, "sklearn": 8,
    "api": 9,
    "plan": 10,
    "cli": 11,
    "__init__": 12, "__main__": 12,
}  # fmt: skip
"""The spine: a file imports from its own folder and from folders of a lower level, nothing else."""
FAMILIES: dict[str, Registry] = {
    "data.augment": AUGMENTATIONS,
    "data.samplers": SAMPLERS,
    "data.splitters": SPLITTERS,
    "models": ARCHITECTURES,
    "models.activations": ACTIVATIONS,
    "models.initialisers": INITIALISERS,
    "models.layers": LAYERS,
    "models.losses": LOSSES,
    "optim.optimizers": OPTIMIZERS,
    "optim.schedules": SCHEDULES,
    "training.tricks": TRICKS,
}
NOT_IN_A_TABLE = {OwnModule}  # stands for what no file can name
LONGEST_FILE, LONGEST_FUNCTION = 400, 60
SHORT_FILE, MOST_SHORT_FILES, LEAST_MEDIAN, MOST_FILES, MOST_ENTRIES = 50, 30, 80, 340, 20


def sources(folder: str = "") -> dict[str, str]:
    """The text of each file by its name, of one folder or of all."""
    return {path.relative_to(ROOT).as_posix(): path.read_text() for path in FILES if folder in ("", folder_of(path))}


def folder_of(path: Path) -> str:
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


def module_of(name: str) -> str:
    """The dotted name of a file, without `luthier`; empty for that of the package itself."""
    return name.removesuffix(".py").removesuffix("__init__").strip("/").replace("/", ".")


MODULES = {module_of(name): source for name, source in sources().items()}
EXPORTS = {
    module: {alias.asname or alias.name for node in ast.parse(source).body if isinstance(node, ast.ImportFrom)
             for alias in node.names}
    for module, source in MODULES.items()
}  # fmt: skip


def imports(source: str) -> Iterator[tuple[int, str]]:
    """Line and module of everything that a file imports from Luthier, in functions and for type checking too."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"line {node.lineno}: a relative import"
            for alias in node.names:
                yield from _of_luthier(node.lineno, node.module or "", alias.name)
        elif isinstance(node, ast.Import):
            for alias in node.names:
                yield from _of_luthier(node.lineno, alias.name, "")


def _of_luthier(line: int, module: str, name: str) -> Iterator[tuple[int, str]]:
    top, _, below = module.partition(".")
    if top == "luthier":
        inner = f"{below}.{name}".strip(".")
        a_module = name and inner in MODULES and name not in EXPORTS.get(below, ())
        yield line, inner if a_module else below


def level(module: str) -> int:
    return LEVELS[module.split(".", maxsplit=1)[0] or "__init__"]


def upward(module: str, source: str) -> list[str]:
    """What a file imports from a higher level, or from another folder of its own level."""
    folder = module.split(".", maxsplit=1)[0]
    return [
        f"line {line}: {module} imports {other or 'luthier'}"
        for line, other in imports(source)
        if other.split(".")[0] != folder and level(other) >= level(module)
    ]


def cycles(graph: Mapping[str, Collection[str]]) -> list[list[str]]:
    """Groups of files that reach one another, each with more than one file."""
    return [group for group in strongly_connected(graph) if len(group) > 1]


def strongly_connected(graph: Mapping[str, Collection[str]]) -> list[list[str]]:
    """Kosaraju's two passes: order by the end of a search, then search against the arrows."""
    order: list[str] = []
    _search(graph, graph, order)
    against: dict[str, list[str]] = {one: [] for one in graph}
    for one, others in graph.items():
        for other in others:
            against[other].append(one)
    groups: list[list[str]] = []
    seen: set[str] = set()
    for one in reversed(order):
        if one not in seen:
            group: list[str] = []
            _search(against, [one], group, seen)
            groups.append(sorted(group))
    return groups


def _search(
    graph: Mapping[str, Collection[str]], starts: Iterable[str], order: list[str], seen: set[str] | None = None
) -> None:
    """Depth first, without recursion; a place joins the order once all that it reaches has."""
    seen = set() if seen is None else seen
    for start in starts:
        path = [] if start in seen else [(start, iter(graph[start]))]
        seen.add(start)
        while path:
            place, further = path[-1]
            following = next((other for other in further if other not in seen), None)
            if following is None:
                order.append(place)
                path.pop()
            else:
                seen.add(following)
                path.append((following, iter(graph[following])))


def test_imports_run_downward():
    found = {module: upward(module, source) for module, source in MODULES.items()}
    assert {module: faults for module, faults in found.items() if faults} == {}


def test_no_files_import_each_other_in_a_circle():
    graph = {module: {other for _, other in imports(source)} - {module} for module, source in MODULES.items()}
    assert cycles(graph) == []


@pytest.mark.parametrize(
    ("graph", "found"),
    [
        ({"a": ["b"], "b": ["c"], "c": []}, []),
        ({"a": ["b"], "b": ["c"], "c": ["b"]}, [["b", "c"]]),
        ({"a": ["b", "d"], "b": ["c"], "c": ["a"], "d": ["e"], "e": ["d"]}, [["a", "b", "c"], ["d", "e"]]),
    ],
)
def test_the_test_of_cycles_sees_what_it_should(graph, found):
    assert sorted(cycles(graph)) == found


def test_every_folder_has_a_level():
    assert {folder_of(path) for path in FILES} - LEVELS.keys() == set()


@pytest.mark.parametrize(
    ("module", "source", "faults"),
    [
        ("data.load", "from luthier.core.errors import BadInput\nfrom luthier.data.split import split", []),
        ("data.load", "from luthier.models import MLP", ["line 1: data.load imports models"]),
        ("data.load", "def f():\n    from luthier.training import loop", ["line 2: data.load imports training.loop"]),
        ("stats", "import torch\nimport luthier.data.split", ["line 2: stats imports data.split"]),
        ("optim.groups", "if TYPE_CHECKING:\n    from luthier.recipe.recipe import Recipe",
         ["line 2: optim.groups imports recipe.recipe"]),
        ("run.read", "from luthier import BadInput", ["line 1: run.read imports luthier"]),
        ("study.study", "from luthier.cli import main", ["line 1: study.study imports cli"]),
        ("cli.train", "from luthier import api", []),
    ],
)  # fmt: skip
def test_the_test_of_imports_sees_what_it_should(module, source, faults):
    assert upward(module, source) == faults


def test_the_loop_knows_no_trick_by_name():
    known = {module: [other for _, other in imports(source)] for module, source in MODULES.items()}
    loop = {module: others for module, others in known.items() if module.startswith("training.")
            and not module.startswith("training.tricks")}  # fmt: skip
    assert "training.trick" in {other for others in loop.values() for other in others}
    assert [other for others in loop.values() for other in others if other.startswith("training.tricks")] == []


def test_the_house_can_be_drawn_from_memory():
    """Few entries, and files that each hold one whole idea."""
    entries = {path.name for path in ROOT.iterdir()} - {"__pycache__", "py.typed"}
    lengths = {name: len(source.splitlines()) for name, source in sources().items()}
    defining = [name for name, source in sources().items() if defines(source)]
    short = sorted(name for name in defining if lengths[name] < SHORT_FILE)
    assert len(entries) <= MOST_ENTRIES
    assert len(lengths) <= MOST_FILES
    assert statistics.median(lengths.values()) >= LEAST_MEDIAN
    assert len(short) <= MOST_SHORT_FILES, short
    assert {name: length for name, length in lengths.items() if length > LONGEST_FILE} == {}


def defines(source: str) -> bool:
    return any(isinstance(node, ast.FunctionDef | ast.ClassDef) for node in ast.parse(source).body)


def body_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of a function's body without its docstring."""
    body = function.body[1:] if ast.get_docstring(function) is not None else function.body
    return body[-1].end_lineno - body[0].lineno + 1 if body else 0


def test_functions_are_short():
    lengths = {
        f"{name}:{node.lineno} {node.name}": body_lines(node)
        for name, source in sources().items()
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    assert {name: length for name, length in lengths.items() if length > LONGEST_FUNCTION} == {}


def test_a_docstring_is_no_part_of_a_body():
    function = ast.parse('def f():\n    """One.\n\n    Two.\n    """\n    a = 1\n\n    return a\n').body[0]
    assert body_lines(function) == 3


def parts_in(place: str) -> set[type[Part]]:
    """Parts with a name that one file defines, or the files of a folder, those of its own folders left out."""
    home = importlib.import_module(f"luthier.{place}")
    infos = pkgutil.iter_modules(home.__path__) if hasattr(home, "__path__") else ()
    modules = [home, *(importlib.import_module(f"{home.__name__}.{one.name}") for one in infos if not one.ispkg)]
    members = {**FAMILIES, place: ()}
    found = set()
    for module in modules:
        if module is not home and module.__name__.removeprefix("luthier.") in members:
            continue
        classes = [one for one in vars(module).values() if isinstance(one, type) and issubclass(one, Part)]
        found |= {one for one in classes if one.__module__ == module.__name__ and "name" in vars(one)}
    return found


@pytest.mark.parametrize("folder", FAMILIES)
def test_table_and_place_are_equal(folder):
    assert set(FAMILIES[folder]) == parts_in(folder) - NOT_IN_A_TABLE


@pytest.mark.parametrize("folder", FAMILIES)
def test_tables_are_sorted_by_name(folder):
    names = list(FAMILIES[folder].members)
    assert names == sorted(names)


@pytest.mark.parametrize("folder", FAMILIES)
def test_members_keep_the_contract_and_differ_in_name(folder):
    """Every member extends the contract and has a card with a sentence and a source."""
    family = FAMILIES[folder]
    assert all(issubclass(member, family.contract) and member is not family.contract for member in family)
    assert [name for name, member in family.members.items() if member.name != name] == []
    assert all(member.card.summary.endswith(".") and member.card.source for member in family)


WITHOUT_TORCH = """
import sys
try:
    {statement}
except SystemExit as end:
    assert end.code in (0, None), end.code
loaded = sorted({{"torch", "sklearn", "scipy", "numpy"}} & sys.modules.keys())
assert not loaded, loaded
"""


@pytest.mark.parametrize(
    "statement",
    [
        "import luthier",
        "from luthier.cli import main; main(['--help'])",
        "import runpy; sys.argv = ['luthier', '--help']; runpy.run_module('luthier', run_name='__main__')",
    ],
    ids=["import luthier", "luthier --help", "python -m luthier --help"],
)
def test_torch_is_not_loaded_before_it_is_needed(statement):
    code = WITHOUT_TORCH.format(statement=statement)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert statement == "import luthier" or "train" in done.stdout
