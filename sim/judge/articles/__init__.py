"""The articles of the law that the judge checks, each on its own."""
