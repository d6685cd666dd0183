"""Ways to damage a file: byte by byte, or in its structure, so that it still passes for one of its kind."""

import copy
import json
import random
import struct
import sys
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

VAST = 10**5000
"""A whole number of more digits than Python writes or reads."""


TEXTS = (
    "", " ", "0", "-1", "-0", "1e999", "-1e999", "1e-400", "nan", "inf", "1" * 5000,
    "0x" + "f" * 5000, "-" + "9" * 4301,
    "\0", "a" * 70_000, "1,5", "1_000", "2026-02-30", "2026-02-03T25:61", "99999-01-01", "0001-01-01", "\u0661\u0662",
    '"', "'", "true", "TRUE", "None", "NA", "../../x", "\U0001d54f", "\u202e", "\ufeff", "a\nb", "a\rb", "a;b|c\td",
    "9223372036854775808", "18446744073709551616", "[[]]", "{}", "=1+1", "a b c d e", "# x", "1979-05-27T07:32:00Z",
)  # fmt: skip


VALUES = (
    None, True, False, 0, -1, 1, 2, 10**12, 2**63 - 1, 2**63, 2**64, -(2**63), VAST, -VAST, 0.5, -1.5, 1e308, 5e-324,
    float("nan"), float("inf"), "", "x", "x" * 5000, "1" * 5000, "nan", "\0",
    "\ud800", [], [[]], [None], [0], {}, {"": {}},
    {"name": "mlp"}, {"$tensor": "x"}, [1, 2, 3], ["a", "a"],
)  # fmt: skip


NUMBERS = (0, 1, 2, 127, 128, 255, 256, 32767, 65535, 65536, 2**24, 2**31 - 1, 2**31, 2**32 - 1, 2**63 - 1, 2**64 - 1)


def damage_bytes(content: bytes, rng: random.Random) -> bytes:
    """Damage a content in one to four places, half of them near its beginning or end, where headers are."""
    changed = bytearray(content)
    for _ in range(rng.randint(1, 4)):
        rng.choice(WAYS)(changed, rng)
    return bytes(changed)


def _place(content: bytearray, rng: random.Random) -> int:
    size = len(content)
    ends = (rng.randrange(max(1, min(size, 128))), size - 1 - rng.randrange(max(1, min(size, 128))))
    return max(0, rng.choice((*ends, rng.randrange(max(1, size)), rng.randrange(max(1, size)))))


def _flip(content: bytearray, rng: random.Random) -> None:
    if content:
        content[_place(content, rng)] ^= 1 << rng.randrange(8)


def _set(content: bytearray, rng: random.Random) -> None:
    if content:
        content[_place(content, rng)] = rng.choice((0, 1, 0x20, 0x7F, 0x80, 0xFE, 0xFF, rng.randrange(256)))


def _number(content: bytearray, rng: random.Random) -> None:
    place, size = _place(content, rng), rng.choice((2, 4, 8))
    number = rng.choice(NUMBERS) % (1 << 8 * size)
    content[place : place + size] = number.to_bytes(size, rng.choice(("little", "big")))


def _cut(content: bytearray, rng: random.Random) -> None:
    del content[_place(content, rng) :]


def _remove(content: bytearray, rng: random.Random) -> None:
    place = _place(content, rng)
    del content[place : place + rng.choice((1, 2, 4, 16, 100))]


def _insert(content: bytearray, rng: random.Random) -> None:
    place = _place(content, rng)
    content[place:place] = rng.randbytes(rng.choice((1, 2, 4, 16, 1000)))


def _repeat(content: bytearray, rng: random.Random) -> None:
    place = _place(content, rng)
    content[place:place] = content[place : place + rng.choice((1, 4, 30, 200))] * rng.choice((1, 2, 50))


def _swap(content: bytearray, rng: random.Random) -> None:
    one, other, size = _place(content, rng), _place(content, rng), rng.choice((1, 4, 16))
    first, second = content[one : one + size], content[other : other + size]
    content[one : one + size], content[other : other + size] = second, first


WAYS: tuple[Callable[[bytearray, random.Random], None], ...] = (
    _cut, _flip, _flip, _flip, _insert, _number, _number, _remove, _repeat, _set, _set, _swap,
)  # fmt: skip


def damage_tree(tree: Any, rng: random.Random) -> Any:
    """Damage nested plain values in one to three places: a value becomes another, goes, comes twice, or is renamed."""
    for _ in range(rng.randint(1, 3)):
        tree = _damage_node(tree, rng)
    return tree


def _damage_node(tree: Any, rng: random.Random) -> Any:
    holders = [one for one in _list_holders(tree) if one]
    if not holders:
        return copy.deepcopy(rng.choice(VALUES))
    holder = rng.choice(holders)
    key = rng.choice(list(holder) if isinstance(holder, dict) else range(len(holder)))
    way = rng.random()
    if way < 0.6:
        holder[key] = copy.deepcopy(rng.choice(VALUES))
    elif way < 0.75:
        del holder[key]
    elif isinstance(holder, list):
        holder.insert(key, holder[key])
    elif way < 0.9:
        holder[rng.choice(TEXTS)] = holder.pop(key)
    else:
        holder[key] = holder[rng.choice(list(holder))]
    return tree


def _list_holders(tree: Any) -> Iterator[Any]:
    if isinstance(tree, dict | list):
        yield tree
        for one in tree.values() if isinstance(tree, dict) else tree:
            yield from _list_holders(one)


@contextmanager
def any_digits() -> Iterator[None]:
    """Let Python write numbers of any length for a while: to read them is another's affair."""
    before = sys.get_int_max_str_digits()
    sys.set_int_max_str_digits(0)
    try:
        yield
    finally:
        sys.set_int_max_str_digits(before)


def write_json(tree: Any) -> bytes:
    """Write plain values as JSON, whatever numbers they hold."""
    with any_digits():
        return json.dumps(tree, indent=2).encode()


def damage_cells(rows: list[list[str]], rng: random.Random) -> list[list[str]]:
    """Damage the cells of a table, its header among them."""
    rows = [list(row) for row in rows]
    for _ in range(rng.randint(1, 5)):
        row, way = rng.choice(rows), rng.random()
        place = rng.randrange(max(1, len(row)))
        if way < 0.5:
            row[place : place + 1] = [rng.choice(TEXTS)]
        elif way < 0.6:
            del row[place : place + 1]
        elif way < 0.7:
            row.insert(place, rng.choice(TEXTS))
        elif way < 0.8:
            column = rng.choice(TEXTS)
            for one in rows[1:]:
                one[place : place + 1] = [column]
        elif way < 0.9 and len(rows) > 1:
            rows.remove(row)
        else:
            rows.insert(rng.randrange(len(rows)), [] if way < 0.95 else list(row))
    return rows


def damage_lines(text: str, rng: random.Random) -> str:
    """Damage the lines of a TOML file: values, keys and headings."""
    lines = text.splitlines()
    for _ in range(rng.randint(1, 3)):
        place = rng.randrange(max(1, len(lines)))
        line = lines[place] if lines else ""
        key, equals, _value = line.partition("=")
        odd = rng.choice(
            (*TEXTS, *map(_quoted, TEXTS), "[" * 500, "{" * 200, "1." * 50, "0b1", "0o7", "1979-05-27", "[1, 'a']")
        )
        lines[place : place + 1] = rng.choice((
            [f"{key}= {odd}"] if equals else [f"[{odd}]"], [f"{odd} = 1"], [line, line], [], [f"{key}.{key}={odd}"],
            [f"{key}= {odd}", line],
        ))  # fmt: skip
    return "\n".join(lines)


def _quoted(text: str) -> str:
    return json.dumps(text)


def repair_png(content: bytes) -> bytes:
    """Give each chunk of a PNG the checksum of its content, as far as the chunks can be followed."""
    repaired, place = bytearray(content), 8
    while place + 12 <= len(repaired):
        (size,) = struct.unpack_from(">I", repaired, place)
        end = place + 8 + size
        if end + 4 > len(repaired):
            break
        struct.pack_into(">I", repaired, end, zlib.crc32(repaired[place + 4 : end]))
        place = end + 4
    return bytes(repaired)
