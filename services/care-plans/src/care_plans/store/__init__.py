"""What care-plans remembers: rows of one tenant, every word in them sealed."""
