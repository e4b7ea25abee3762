"""
The border in bytes: what a guide outside this process is told, and what is heard of its answer.

One versioned schema for any language (``guiderail guide schema``). A stranger to driver, world and
judge: it reads and writes messages and decides nothing.
"""
