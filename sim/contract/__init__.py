"""The only words that guide, driver, world and judge may exchange; no logic but the shared draw."""
