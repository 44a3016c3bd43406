"""HTTP in: preferences and the notices of a person's next page."""
