"""Who drives next to the ego: vehicles taken out of the background, moved by themselves."""
