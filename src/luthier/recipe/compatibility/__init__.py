"""Which parts of a recipe go together: the list of all rules, and a file for what each kind of them looks at."""

from luthier.recipe.compatibility.rules import (
    RULES,
    Rule,
    Use,
    check_dataset,
    check_network,
    check_recipe,
    check_split,
)

__all__ = ["RULES", "Rule", "Use", "check_dataset", "check_network", "check_recipe", "check_split"]
