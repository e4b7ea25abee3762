"""The proof: what holds of the shipped guard whatever is said, searched, solved and refuted."""
