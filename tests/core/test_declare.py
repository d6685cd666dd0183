"""One declared line gives validation, its messages and the catalogue."""

import math
from typing import Annotated, ClassVar, Literal

import pytest

from luthier.core.card import Card
from luthier.core.declare import Declared, Part, Range, Registry, Search, hyperparameter, read, rule


class Every(Declared):
    """One hyperparameter of each kind."""

    count: int = hyperparameter(3, bounds=Range(1, 5), search=Search(2, 4), description="how many")
    rate: float = hyperparameter(
        0.5, bounds=Range(0, 1, high_open=True), search=Search(0.1, 0.9, log=True), description="share"
    )
    above: float = hyperparameter(2.0, bounds=Range(0, low_open=True), description="size")
    free: float = hyperparameter(0.0, description="anything")
    title: str = hyperparameter("x", description="a title")
    flag: bool = hyperparameter(False, description="on or off")
    mode: Literal["fast", "slow"] = hyperparameter("fast", description="how")
    places: tuple[int, ...] = hyperparameter((1, 2), description="where")
    nested: tuple[tuple[int, ...], ...] = hyperparameter((), description="table")
    limit: int | None = hyperparameter(None, bounds=Range(0), description="at most")


class Tool(Part):
    """Contract of the family below."""


class Hammer(Tool):
    """With a setting."""

    name = "hammer"
    card = Card(summary="Hits.", source="none")

    weight: float = hyperparameter(1.5, bounds=Range(0), description="kilograms")


class Saw(Tool):
    """Without one."""

    name = "saw"
    card = Card(summary="Cuts.", source="none")


class Spoon(Part):
    """Of no family here."""

    name = "spoon"
    card = Card(summary="Stirs.", source="none")


TOOLS = Registry("tool", Tool, (Hammer, Saw))


def problems_of(values, where="every"):
    problems: list[str] = []
    made = read(Every, values, where, problems)
    assert (made is None) == bool(problems)
    return problems


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ({"count": 0}, "every.count must be a whole number at least 1 and at most 5, but got 0; how many (default 3)"),
        ({"count": 6}, "every.count must be a whole number at least 1 and at most 5, but got 6; how many (default 3)"),
        (
            {"count": 1.0},
            "every.count must be a whole number at least 1 and at most 5, but got 1.0; how many (default 3)",
        ),
        (
            {"count": True},
            "every.count must be a whole number at least 1 and at most 5, but got True; how many (default 3)",
        ),
        (
            {"count": "2"},
            "every.count must be a whole number at least 1 and at most 5, but got '2'; how many (default 3)",
        ),
        (
            {"count": None},
            "every.count must be a whole number at least 1 and at most 5, but got None; how many (default 3)",
        ),
        ({"rate": 1.0}, "every.rate must be a number at least 0 and below 1, but got 1.0; share (default 0.5)"),
        ({"rate": -0.1}, "every.rate must be a number at least 0 and below 1, but got -0.1; share (default 0.5)"),
        ({"rate": math.nan}, "every.rate must be a number at least 0 and below 1, but got nan; share (default 0.5)"),
        ({"rate": True}, "every.rate must be a number at least 0 and below 1, but got True; share (default 0.5)"),
        ({"rate": "0.1"}, "every.rate must be a number at least 0 and below 1, but got '0.1'; share (default 0.5)"),
        ({"above": 0.0}, "every.above must be a number above 0, but got 0.0; size (default 2.0)"),
        ({"above": math.inf}, "every.above must be a number above 0, but got inf; size (default 2.0)"),
        ({"free": -math.inf}, "every.free must be a number, but got -inf; anything (default 0.0)"),
        ({"free": math.nan}, "every.free must be a number, but got nan; anything (default 0.0)"),
        ({"title": 7}, "every.title must be a text, but got 7; a title (default x)"),
        ({"flag": 1}, "every.flag must be true or false, but got 1; on or off (default False)"),
        (
            {"mode": "slo"},
            "every.mode must be one of fast, slow, but got 'slo'; did you mean 'slow'? how (default fast)",
        ),
        ({"places": 4}, "every.places must be a list, but got 4; where (default (1, 2))"),
        ({"places": [4, "5"]}, "every.places[1] must be a whole number, but got '5'; where (default (1, 2))"),
        ({"places": [4, True]}, "every.places[1] must be a whole number, but got True; where (default (1, 2))"),
        ({"nested": [[1], [2.0]]}, "every.nested[1][0] must be a whole number, but got 2.0; table (default ())"),
        ({"nested": [[1], 2]}, "every.nested[1] must be a list, but got 2; table (default ())"),
        ({"limit": -1}, "every.limit must be a whole number at least 0, but got -1; at most"),
        (
            {"cuont": 2},
            "every.cuont is not a setting that exists; did you mean 'count'? "
            "known: above, count, flag, free, limit, mode, nested, places, rate, title",
        ),
    ],
    ids=str,
)
def test_what_is_refused_and_how(values, problem):
    assert problems_of(values) == [problem]


@pytest.mark.parametrize(
    ("values", "attribute", "value"),
    [
        ({"count": 1}, "count", 1),
        ({"count": 5}, "count", 5),
        ({"rate": 0}, "rate", 0.0),
        ({"rate": math.nextafter(1, 0)}, "rate", math.nextafter(1, 0)),
        ({"above": 5e-324}, "above", 5e-324),
        ({"free": -1e308}, "free", -1e308),
        ({"flag": True}, "flag", True),
        ({"mode": "slow"}, "mode", "slow"),
        ({"places": [5, 3, 7]}, "places", (5, 3, 7)),
        ({"places": []}, "places", ()),
        ({"nested": [[5, 3], [], [7]]}, "nested", ((5, 3), (), (7,))),
        ({"limit": 0}, "limit", 0),
        ({"limit": None}, "limit", None),
    ],
    ids=str,
)
def test_both_ends_of_what_is_legal(values, attribute, value):
    problems: list[str] = []
    made = read(Every, values, "every", problems)
    assert problems == []
    got = getattr(made, attribute)
    assert got == value
    assert type(got) is type(value)


def test_every_problem_is_told_at_once_and_once():
    values = {"places": ["a", "b"], "count": 0, "rte": 1, "mode": "slo", "free": 1.0, "rate": 7}
    starts = [line.split(",")[0] for line in problems_of(values)]
    assert sorted(starts) == [
        "every.count must be a whole number at least 1 and at most 5",
        "every.mode must be one of fast",
        "every.places[0] must be a whole number",
        "every.places[1] must be a whole number",
        "every.rate must be a number at least 0 and below 1",
        "every.rte is not a setting that exists; did you mean 'rate'? known: above",
    ]


class Chest(Declared):
    """Holds tools."""

    tools: tuple[Annotated[Tool, TOOLS], ...] = hyperparameter(
        (Saw(), Hammer(weight=2.0)), description="what is inside"
    )


def test_a_list_of_parts_is_read_from_names_tables_and_objects():
    problems = []
    chest = read(Chest, {"tools": ["saw", {"name": "hammer", "weight": 3.5}, Saw()]}, "chest", problems)
    assert problems == [] and chest.tools == (Saw(), Hammer(weight=3.5), Saw())
    assert chest.dump() == {"tools": ("saw", {"name": "hammer", "weight": 3.5}, "saw")}
    assert read(Chest, chest.dump(), "chest", problems) == chest
    (described,) = Chest.hyperparameters()
    assert described.default == ("saw", {"name": "hammer", "weight": 2.0})
    assert (described.kind, described.choices, rule(described)) == ("tuple", ("hammer", "saw"), "a list of hammer, saw")


def test_a_list_of_parts_says_which_is_wrong():
    problems = []
    assert (
        read(Chest, {"tools": [{"name": "hammer", "weight": -1, "hight": 2}, "swa", Saw(), Spoon()]}, "", problems)
        is None
    )
    assert problems == [
        "tools[0].weight must be a number at least 0, but got -1; kilograms (default 1.5)",
        "tools[0].hight is not a setting that exists; did you mean 'weight'? known: weight",
        "tools[1] must be one of hammer, saw, but got 'swa'; did you mean 'saw'? what is inside",
        "tools[3] must be one of hammer, saw, but got Spoon(); what is inside",
    ]
    problems.clear()
    assert read(Chest, {"tools": "saw"}, "chest", problems) is None
    assert problems == [
        "chest.tools must be a list of hammer, saw, but got 'saw'; write [\"saw\"]; what is inside "
        "(default ('saw', {'name': 'hammer', 'weight': 2.0}))"
    ]


def test_problems_are_added_to_those_found_before():
    problems = ["earlier"]
    read(Every, {"count": 0}, "", problems)
    assert problems == [
        "earlier",
        "count must be a whole number at least 1 and at most 5, but got 0; how many (default 3)",
    ]


@pytest.mark.parametrize("values", [7, "fast", [1, 2], None], ids=repr)
def test_settings_must_be_a_table(values):
    expected = f"every must be a table of settings, but got {values!r}; write [every] and its keys"
    assert problems_of(values) == [expected]


def test_a_declaration_is_frozen():
    with pytest.raises(ValueError, match="frozen"):
        Every().count = 4


@pytest.mark.parametrize(
    ("legal", "words", "limits"),
    [
        (Range(), "any finite number", {}),
        (Range(2), "at least 2", {"ge": 2}),
        (Range(2, low_open=True), "above 2", {"gt": 2}),
        (Range(high=7.5), "at most 7.5", {"le": 7.5}),
        (Range(high=7.5, high_open=True), "below 7.5", {"lt": 7.5}),
        (Range(-1, 3, low_open=True, high_open=True), "above -1 and below 3", {"gt": -1, "lt": 3}),
    ],
    ids=str,
)
def test_a_range_in_words_and_limits(legal, words, limits):
    assert str(legal) == words
    assert legal.limits() == limits


def test_the_catalogue_entry_says_all_that_was_declared():
    found = {one.name: one for one in Every.hyperparameters()}
    assert list(found) == ["count", "rate", "above", "free", "title", "flag", "mode", "places", "nested", "limit"]
    assert [one.kind for one in found.values()] == [
        "int", "float", "float", "float", "str", "bool", "choice", "tuple", "tuple", "int",
    ]  # fmt: skip
    count, mode, limit = found["count"], found["mode"], found["limit"]
    assert (count.default, count.bounds, count.search, count.description) == (3, Range(1, 5), Search(2, 4), "how many")
    assert (mode.choices, mode.bounds, mode.search) == (("fast", "slow"), None, None)
    assert (limit.default, limit.bounds, limit.choices) == (None, Range(0), ())
    assert found["rate"].search == Search(0.1, 0.9, log=True)
    assert [rule(one) for one in (count, mode, found["flag"], found["places"])] == [
        "a whole number at least 1 and at most 5",
        "one of fast, slow",
        "true or false",
        "a list",
    ]


def test_dump_leaves_out_none_and_reads_back():
    one = Every(count=2, nested=((1, 2), (3,)))
    plain = one.dump()
    assert "limit" not in plain
    assert plain["nested"] == ((1, 2), (3,))
    assert read(Every, plain, "every", []) == one


def test_a_part_dumps_its_name_first():
    assert list(Hammer(weight=2.5).dump().items()) == [("name", "hammer"), ("weight", 2.5)]


@pytest.mark.parametrize("spec", ["hammer", {"name": "hammer"}, {"name": "hammer", "weight": 1.5}, Hammer()], ids=repr)
def test_a_family_reads_a_name_a_table_or_an_object(spec):
    problems: list[str] = []
    assert TOOLS.read(spec, "tool", problems) == Hammer(weight=1.5)
    assert problems == []


def test_a_family_passes_the_very_object_and_leaves_the_table_as_it_was():
    own, table = Hammer(weight=3.0), {"name": "hammer", "weight": 3.0}
    assert TOOLS.read(own, "tool", []) is own
    TOOLS.read(table, "tool", [])
    assert table == {"name": "hammer", "weight": 3.0}


@pytest.mark.parametrize(
    ("spec", "problem"),
    [
        (
            "hamer",
            "tool.name must be the name of a known tool, but got 'hamer'; did you mean 'hammer'? known: hammer, saw",
        ),
        ({"name": "axe"}, "tool.name must be the name of a known tool, but got 'axe'; known: hammer, saw"),
        ({"weight": 1.0}, "tool.name must be the name of a known tool, but got None; known: hammer, saw"),
        (7, "tool.name must be the name of a known tool, but got 7; known: hammer, saw"),
        ({"name": ["saw"]}, "tool.name must be the name of a known tool, but got ['saw']; known: hammer, saw"),
        (
            {"name": "hammer", "weight": -1.0},
            "tool.weight must be a number at least 0, but got -1.0; kilograms (default 1.5)",
        ),
        ({"name": "saw", "weight": 1.0}, "tool.weight is not a setting that exists; known: none"),
        (Spoon(), "tool must be a tool, but got Spoon(); pass an object of Tool"),
    ],
    ids=repr,
)
def test_what_a_family_refuses(spec, problem):
    problems: list[str] = []
    assert TOOLS.read(spec, "tool", problems) is None
    assert problems == [problem]


class Drill(Tool):
    """A user's own tool."""

    name = "drill"
    card = Card(summary="Bores.", source="none")

    speed: int = hyperparameter(3, bounds=Range(1), description="turns")


def test_a_users_own_class_may_be_named_where_it_is_given():
    problems: list[str] = []
    assert TOOLS.read({"name": "drill", "speed": 5}, "tool", problems, own=(Drill, Spoon)) == Drill(speed=5)
    assert problems == []
    assert list(TOOLS) == [Hammer, Saw]


def test_a_users_own_class_of_another_family_is_not_known():
    problems: list[str] = []
    assert TOOLS.read("spoon", "tool", problems, own=(Drill, Spoon)) is None
    assert problems == ["tool.name must be the name of a known tool, but got 'spoon'; known: drill, hammer, saw"]


class Nail(Tool):
    """With a setting that may follow the name."""

    name = "nail"
    card = Card(summary="Holds.", source="none")
    shorthand = "metal"

    metal: str = hyperparameter("iron", description="what it is made of")
    size: Literal[3, 5] = hyperparameter(3, description="length")


NAILS = Registry("nail", Tool, (Hammer, Nail))


@pytest.mark.parametrize(
    ("spec", "made"),
    [
        ("nail:steel", Nail(metal="steel")),
        ("nail", Nail()),
        ("nail:a:b", Nail(metal="a:b")),
        ({"name": "nail:steel", "size": 5}, Nail(metal="steel", size=5)),
    ],
    ids=repr,
)
def test_a_value_may_follow_the_name_where_the_part_says_what_it_stands_for(spec, made):
    problems: list[str] = []
    assert NAILS.read(spec, "nail", problems) == made
    assert problems == []


@pytest.mark.parametrize("spec", ["hammer:3", "saw:steel", ":steel"])
def test_a_value_may_follow_no_other_name(spec):
    problems: list[str] = []
    assert NAILS.read(spec, "nail", problems) is None
    assert problems[0].startswith(f"nail.name must be the name of a known nail, but got {spec!r}; ")


@pytest.mark.parametrize("value", [4, "3", "big"])
def test_a_choice_between_numbers(value):
    problems: list[str] = []
    read(Nail, {"size": value}, "nail", problems)
    meant = "did you mean '3'? " if value == "3" else ""
    assert problems == [f"nail.size must be one of 3, 5, but got {value!r}; {meant}length (default 3)"]


def test_a_family_is_walked_in_the_order_of_its_table():
    assert list(TOOLS) == [Hammer, Saw]
    assert TOOLS.members == {"hammer": Hammer, "saw": Saw}


class Figure(Part):
    name: ClassVar[str]
    card = Card(summary="A shape.", source="tests")


class Round(Figure):
    name = "round"


class Box(Figure):
    name = "box"
    side: int = hyperparameter(3, bounds=Range(1), description="length of a side")


SHAPES = Registry("shape", Figure, (Box, Round))


class Holder(Part):
    name = "holder"
    card = Card(summary="Holds a part.", source="tests")
    one: Annotated[Figure, SHAPES] = hyperparameter(Round(), description="a part inside")
    many: tuple[Annotated[Figure, SHAPES], ...] = hyperparameter((), description="parts inside")


@pytest.mark.parametrize("spec", ["box", {"name": "box"}, {"name": "box", "side": 3}, Box()])
def test_a_part_inside_a_part_by_name_by_table_or_as_an_object(spec):
    assert Holder(one=spec).one == Box()


def test_parts_inside_are_dumped_and_read_back():
    holder = Holder(one=Box(side=5), many=(Round(), Box(side=2)))
    assert holder.dump() == {
        "name": "holder", "one": {"name": "box", "side": 5}, "many": ("round", {"name": "box", "side": 2}),
    }  # fmt: skip
    problems = []
    again = read(
        Holder, {"one": {"name": "box", "side": 5}, "many": ["round", {"name": "box", "side": 2}]}, "", problems
    )
    assert (again, problems) == (holder, [])


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ("bx", "holder.one must be one of box, round, but got 'bx'; did you mean 'box'? a part inside (default round)"),
        (7, "holder.one must be one of box, round, but got 7; a part inside (default round)"),
        (
            {"name": "box", "side": 0},
            "holder.one.side must be a whole number at least 1, but got 0; length of a side (default 3)",
        ),
        ({"name": "round", "side": 2}, "holder.one.side is not a setting that exists; known: none"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_part_inside_is_said_with_its_path(spec, expected):
    problems = []
    assert read(Holder, {"one": spec}, "holder", problems) is None
    assert problems == [expected]


def test_the_catalogue_shows_which_parts_may_stand_inside():
    one = Holder.hyperparameters()[0]
    assert (one.kind, one.choices, one.default) == ("choice", ("box", "round"), "round")


def test_there_is_one_zero():
    problems = []
    values = {"free": -0.0, "rate": -0.0}
    made = read(Every, values, "every", problems)
    assert [math.copysign(1, one) for one in (made.free, made.rate)] == [1, 1]
