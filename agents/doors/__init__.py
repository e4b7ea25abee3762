"""Ways to guides outside this process: a program, an HTTP server, a language model, a record."""
