"""Study: guides that search for the words that do most harm."""
