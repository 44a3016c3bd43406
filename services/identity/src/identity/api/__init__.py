"""HTTP in: a file per noun; each parses, calls a noun and a store, and answers."""
