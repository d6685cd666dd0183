"""From what the user gives to one resolved recipe, and from there to one training."""
