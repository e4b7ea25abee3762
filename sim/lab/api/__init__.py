"""What `import guiderail` offers, and what the commands are built on."""
