"""Training speed beside plain PyTorch: the long form of `luthier bench`.

python benchmarks/speed.py [--rounds 200] [--examples 1280] [--data DATA] [--json]
"""

import argparse
import json
import sys

from luthier.testing.bench import bench


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=200, help="turns of each contender")
    parser.add_argument("--examples", type=int, default=1280, help="training examples in a turn")
    parser.add_argument("--data", help="a data set of pictures; random pictures of MNIST's size by default")
    parser.add_argument("--json", action="store_true", help="print everything as one JSON object")
    options = parser.parse_args()
    found = bench(options.rounds, options.examples, options.data, watch=progress(options.rounds))
    print(json.dumps(found) if options.json else page(found))


def progress(rounds: int):
    """Return a function that shows the rounds done on one line of stderr."""
    return lambda done: print(f"\rround {done} of {rounds}", end="\n" if done == rounds else "", file=sys.stderr)


def page(found: dict) -> str:
    """Lay the result out as a Markdown table under a line on the machine."""
    env, product = found["environment"], found["product_flops_per_second"] / 1e9
    head = (
        f"{env['processor']}, {env['threads']} threads, torch {env['torch']}, Python {env['python']}; "
        f"{found['rounds']} rounds of {found['examples_per_round']:,} examples ({found['data']}); "
        f"float32 product {product:,.0f} GFLOP/s, {found['flops_per_example'] / 1e6:.2f} MFLOP per example and step"
    )
    title = "| loop | examples/s, median (lowest to highest) | Luthier / loop (95% interval) | of the product |"
    return "\n".join([head, "", title, "| --- | --- | --- | --- |", *map(line, found["rows"])])


def line(row: dict) -> str:
    """Write one row of the table."""
    low, high = row["spread"]
    ratio = "{estimate:.2f} ({low:.2f} to {high:.2f})".format(**row["ratio"]) if row["ratio"] else ""
    share = f"{row['fraction_of_product']:.1%}"
    return f"| {row['name']} | {row['examples_per_second']:,.0f} ({low:,.0f} to {high:,.0f}) | {ratio} | {share} |"


if __name__ == "__main__":
    main()
