"""What sessions remembers: rows of one tenant, every word and score in them sealed."""
