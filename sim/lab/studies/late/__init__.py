"""Study: words that come too late."""
