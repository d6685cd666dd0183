"""A hyperparameter is declared once: default, legal range, search range and one sentence.

Validation, `--set`, the search space, the catalogue and the tests of bad values all read that one line.
"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import UnionType
from typing import Any, ClassVar, Generic, Literal, TypeVar, Union, get_args, get_origin

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    ValidationError,
    ValidationInfo,
    field_validator,
)
from pydantic.fields import FieldInfo
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from luthier.core.card import Card
from luthier.core.errors import ask_nearest, show, suggest_nearest, with_article


@dataclass(frozen=True)
class Range:
    """The numbers that a hyperparameter may take; an open end is excluded.

    >>> str(Range(0, 1, high_open=True))
    'at least 0 and below 1'
    >>> str(Range(0, low_open=True))
    'above 0'
    """

    low: float = -math.inf
    high: float = math.inf
    low_open: bool = False
    high_open: bool = False

    def __str__(self) -> str:
        low = f"{'above' if self.low_open else 'at least'} {self.low:g}" if self.low > -math.inf else ""
        high = f"{'below' if self.high_open else 'at most'} {self.high:g}" if self.high < math.inf else ""
        return " and ".join(filter(None, (low, high))) or "any finite number"

    def limits(self) -> dict[str, float]:
        """Return the range as pydantic's constraints."""
        limits = {}
        if self.low > -math.inf:
            limits["gt" if self.low_open else "ge"] = self.low
        if self.high < math.inf:
            limits["lt" if self.high_open else "le"] = self.high
        return limits


@dataclass(frozen=True)
class Search:
    """Where a search looks for good values.

    log: whether tries spread evenly over orders of magnitude. step: distance of the values that may be tried, counted
    from low; None is every number of the setting's type.
    """

    low: float
    high: float
    log: bool = False
    step: int | None = None


def hyperparameter(default: Any, *, description: str, bounds: Range | None = None, search: Search | None = None) -> Any:
    """Declare one hyperparameter of a part.

    default: the value where a recipe is silent; None stands for one that is filled in from the data.
    description: one sentence, with what both ends of the range mean.
    bounds: the numbers that are accepted; a larger set than those that are sensible.
    search: the numbers that are sensible, for `luthier tune`.
    """
    limits: dict[str, Any] = bounds.limits() if bounds else {}
    notes: dict[str, Any] = {"bounds": bounds, "search": search}
    return Field(default, description=description, json_schema_extra=lambda schema: schema.update(notes), **limits)


class OneOf:
    """A text that must be a name of some table: `monitor: Annotated[str, OneOf(METRICS)] = hyperparameter(...)`."""

    def __init__(self, names: Iterable[str]) -> None:
        self.names = tuple(names)

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.literal_schema(list(self.names))


@dataclass(frozen=True)
class Hyperparameter:
    """One declared hyperparameter, as the catalogue shows it."""

    name: str
    kind: str
    default: Any
    bounds: Range | None
    choices: tuple[Any, ...]
    search: Search | None
    description: str
    each: tuple[str, ...] = ()
    """The rule for each element of a list of plain values, in words, then for what lies inside an element."""

    @property
    def of_parts(self) -> bool:
        """Whether the value is a list of parts; `choices` are then the names that each may have."""
        return self.kind == "tuple" and bool(self.choices)


LARGEST_WHOLE = 1_000_000_000
"""The largest whole number that a setting may have, whatever its range."""


VAST = "vast"
"""Mark of an error that a whole number is beyond it."""


def _list_values(value: Any) -> Iterator[Any]:
    """List a value, or those inside a list."""
    if isinstance(value, tuple):
        for one in value:
            yield from _list_values(one)
    else:
        yield value


class Declared(BaseModel):
    """Base of every part of a recipe: frozen, strict about types, closed to unknown keys."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", strict=True, allow_inf_nan=False, arbitrary_types_allowed=True
    )

    @field_validator("*")
    @classmethod
    def _of_some_size(cls, value: Any) -> Any:
        """Refuse whole numbers beyond all measure, which no counter and no array would hold."""
        if any(isinstance(one, int) and abs(one) > LARGEST_WHOLE for one in _list_values(value)):
            raise PydanticCustomError(VAST, "a whole number beyond all measure")
        return value

    @field_validator("*")
    @classmethod
    def _without_negative_zero(cls, value: Any) -> Any:
        """Replace -0.0 by 0.0, so that equal settings have one hash."""
        if isinstance(value, tuple):
            return tuple(map(cls._without_negative_zero, value))
        return value + 0.0 if isinstance(value, float) else value

    @classmethod
    def hyperparameters(cls) -> tuple[Hyperparameter, ...]:
        """List the hyperparameters in the order of the source."""
        return tuple(_describe(name, info) for name, info in cls.model_fields.items())

    def dump(self) -> dict[str, Any]:
        """Return the part as plain values that TOML and JSON can hold; fields that are None are left out."""
        values = {name: getattr(self, name) for name in type(self).model_fields}
        return {name: _plain(value) for name, value in values.items() if value is not None}


class Part(Declared):
    """A member of a family: it has a name in the catalogue and a card.

    shorthand: the setting that VALUE stands for where a recipe writes NAME:VALUE; none by default.
    """

    name: ClassVar[str]
    card: ClassVar[Card]
    shorthand: ClassVar[str] = ""

    def dump(self) -> dict[str, Any]:
        return {"name": self.name, **super().dump()}

    def inner_own(self) -> "Iterator[type[Part]]":
        """Return the classes of the parts inside this one that are in no catalogue."""
        for setting in self.hyperparameters():
            value = getattr(self, setting.name)
            for part in value if isinstance(value, tuple) else (value,):
                if isinstance(part, Part):
                    yield from () if part.name in setting.choices else (type(part),)
                    yield from part.inner_own()


def _plain(value: Any) -> Any:
    """Write a part inside a part as its name alone where it has no settings, else as its values."""
    if isinstance(value, Part):
        dumped = value.dump()
        return dumped if len(dumped) > 1 else dumped["name"]
    return tuple(map(_plain, value)) if isinstance(value, tuple) else value


P = TypeVar("P", bound=Part)


D = TypeVar("D", bound=Declared)


def _describe(name: str, info: FieldInfo) -> Hyperparameter:
    extra: dict[str, Any] = {}
    if callable(info.json_schema_extra):
        info.json_schema_extra(extra)
    kind = _without_none(info.annotation)
    several = get_origin(kind) is tuple
    metadata = (
        getattr(get_args(kind)[0], "__metadata__", ()) if several else getattr(kind, "__metadata__", info.metadata)
    )
    families = [value for value in metadata if isinstance(value, Registry)]
    names = next((value.names for value in metadata if isinstance(value, OneOf)), ())
    choices = tuple(families[0].members) if families else get_args(kind) if get_origin(kind) is Literal else names
    return Hyperparameter(
        name=name,
        kind="choice" if choices and not several else getattr(get_origin(kind) or kind, "__name__", str(kind)),
        default=_plain(info.get_default(call_default_factory=True)),
        bounds=extra.get("bounds"),
        choices=choices,
        search=extra.get("search"),
        description=info.description or "",
        each=_rules_inside(kind) if several and not families else (),
    )


def _rules_inside(kind: Any) -> tuple[str, ...]:
    """Describe what the elements of a list may be, from their type and the limits beside it."""
    element = get_args(kind)[0]
    inner, *notes = get_args(element) if hasattr(element, "__metadata__") else (element,)
    words = WORDS.get(getattr(get_origin(inner) or inner, "__name__", ""), str(inner))
    legal = next((f" {note}" for note in notes if isinstance(note, Range)), "")
    return (words + legal, *(_rules_inside(inner) if get_origin(inner) is tuple else ()))


def _without_none(annotation: Any) -> Any:
    if get_origin(annotation) not in (Union, UnionType):
        return annotation
    return next(kind for kind in get_args(annotation) if kind is not type(None))


WORDS = {
    "int": "a whole number", "float": "a number", "str": "a text", "bool": "true or false", "tuple": "a list",
    "Path": "a path",
}  # fmt: skip


def rule(hyperparameter: Hyperparameter) -> str:
    """Describe the legal values of a hyperparameter in words.

    >>> class Dropout(Declared):
    ...     rate: float = hyperparameter(0.5, bounds=Range(0, 1, high_open=True), description="share dropped")
    >>> rule(Dropout.hyperparameters()[0])
    'a number at least 0 and below 1'
    """
    if hyperparameter.choices:
        choices = ", ".join(map(str, hyperparameter.choices))
        return f"a list of {choices}" if hyperparameter.of_parts else f"one of {choices}"
    words = WORDS.get(hyperparameter.kind, hyperparameter.kind)
    return f"{words} {hyperparameter.bounds}" if hyperparameter.bounds else words


def read(cls: type[D], values: object, where: str, problems: list[str], own: Sequence[type[Part]] = ()) -> D | None:
    """Build a part from plain values; add one line per broken rule to problems and return None if there is any.

    own: classes of the user's own that the parts inside it may name.
    """
    if not isinstance(values, Mapping):
        problems.append(f"{where} must be a table of settings, but got {show(values)}; write [{where}] and its keys")
        return None
    try:
        return cls.model_validate({str(key): _freeze(value) for key, value in values.items()}, context=own)
    except ValidationError as error:
        problems.extend(explain(cls, error, where))
        return None


def _freeze(value: object) -> object:
    return tuple(map(_freeze, value)) if isinstance(value, list) else value


def explain(cls: type[Declared], error: ValidationError, where: str) -> Iterator[str]:
    """Say what is wrong with each setting: the rule, the value received, and what the setting means."""
    known = {setting.name: setting for setting in cls.hyperparameters()}
    for (name, inside), fault in {_place(e["loc"], known): e for e in error.errors()}.items():
        path = f"{where}.{name}" if where else name
        path += "".join(f"[{number}]" for number in inside)
        if fault["type"] == SETTINGS:
            yield from (f"{path}.{line}" for line in fault["ctx"]["problems"])
        elif name not in known:
            yield f"{path} is not a setting that exists; {suggest_nearest(name, known)}"
        elif inside:
            yield _not_an_element(known[name], path, len(inside), fault["input"])
        else:
            one, value = known[name], fault["input"]
            meant = _meant(one, value) if isinstance(value, str) else ""
            usual = "" if one.default is None else f" (default {one.default})"
            most = f" and at most {LARGEST_WHOLE:,}" if fault["type"] == VAST else ""
            yield f"{path} must be {rule(one)}{most}, but got {show(value)}; {meant}{one.description}{usual}"


def _place(location: tuple[int | str, ...], known: Mapping[str, Hyperparameter]) -> tuple[str, tuple[int, ...]]:
    """Find the setting that an error is about; in a list also which of its elements, from 0, and where inside that."""
    name, *inner = location
    setting = known.get(str(name))
    numbers = [one for one in inner if isinstance(one, int)] if setting and setting.kind == "tuple" else []
    return str(name), tuple(numbers[:1] if setting and setting.of_parts else numbers)


def _meant(setting: Hyperparameter, value: str) -> str:
    """Guess what a refused text was meant to be: a list of it, or a similar choice."""
    if setting.of_parts and value in setting.choices:
        return f'write ["{value}"]; '
    return ask_nearest(value, map(str, setting.choices))


def _not_an_element(setting: Hyperparameter, path: str, depth: int, value: Any) -> str:
    if not setting.of_parts:
        rest = f"{setting.description} (default {setting.default})"
        return f"{path} must be {setting.each[depth - 1]}, but got {show(value)}; {rest}"
    meant = ask_nearest(value, setting.choices) if isinstance(value, str) else ""
    return f"{path} must be one of {', '.join(setting.choices)}, but got {show(value)}; {meant}{setting.description}"


def _without_shorthand(values: dict[str, Any], known: Mapping[str, type[Part]]) -> object:
    """Take the name out of values; of NAME:VALUE, store VALUE in the setting that the shorthand stands for."""
    name = values.pop("name", None)
    head, colon, value = name.partition(":") if isinstance(name, str) else ("", "", "")
    if not colon or head not in known or not known[head].shorthand:
        return name
    values[known[head].shorthand] = value
    return head


SETTINGS = "settings"
"""Mark of an error that lists what is wrong with the settings of a part inside a part."""


class Registry(Generic[P]):
    """A hand-written table of parts that can stand in one place of a recipe.

    A part may hold parts of another family: `activation: Annotated[Activation, ACTIVATIONS] = hyperparameter(ReLU(),
    ...)` takes an object, a name, or a table with a name and settings; `tuple[Annotated[Activation, ACTIVATIONS], ...]`
    takes a list of them.

    title: what one member is called in messages, such as "optimizer".
    contract: the class that every member extends, a user's own included.
    members: the classes, sorted by name; a test keeps the table and the folder equal.
    """

    def __init__(self, title: str, contract: type[P], members: tuple[type[P], ...]) -> None:
        self.title = title
        self.contract = contract
        self.members = {member.name: member for member in members}

    def __iter__(self) -> Iterator[type[P]]:
        return iter(self.members.values())

    def read(self, spec: object, where: str, problems: list[str], own: Sequence[type[Part]] = ()) -> P | None:
        """Build a member from its name or from a table with a name and settings; return an object as it is.

        own: classes of the user's own that may be named beside the members.
        """
        if isinstance(spec, Part):
            return self._object(spec, where, problems)
        values = dict(spec) if isinstance(spec, Mapping) else {"name": spec}
        known = self.members | {part.name: part for part in own if issubclass(part, self.contract)}
        name = _without_shorthand(values, known)
        if isinstance(name, str) and name in known:
            return read(known[name], values, where, problems, own)
        hint = suggest_nearest(name if isinstance(name, str) else "", known)
        problems.append(f"{where}.name must be the name of a known {self.title}, but got {show(name)}; {hint}")
        return None

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.with_info_before_validator_function(self._member, handler(source))

    def _member(self, spec: Any, info: ValidationInfo) -> Any:
        """Make the part that a field asks for; return anything else unchanged, for pydantic to refuse."""
        own: Sequence[type[Part]] = info.context or ()
        name = spec.get("name") if isinstance(spec, Mapping) else spec
        if isinstance(spec, Mapping) and name is None:  # pydantic would make a bare contract of it
            raise PydanticCustomError("nameless", "a part has a name")
        if not isinstance(name, str) or name not in self.members.keys() | {part.name for part in own}:
            return spec
        problems: list[str] = []
        part = self.read(spec, "", problems, own)
        if part is None:
            raise PydanticCustomError(SETTINGS, "{problems}", {"problems": problems})
        return part

    def _object(self, part: Part, where: str, problems: list[str]) -> P | None:
        if isinstance(part, self.contract):
            return part
        problems.append(
            f"{where} must be {with_article(self.title)}, but got {show(part)}; pass an object of "
            f"{self.contract.__name__}"
        )
        return None
