"""The published suite of messages and expected verdicts, and its checker."""
