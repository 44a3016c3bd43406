"""HTTP in: what staff, families, schools and clients ask of a plan."""
