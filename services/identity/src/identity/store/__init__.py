"""What identity remembers: a file per noun, every word sealed, every row bound to its tenant."""
