"""HTTP in: sessions, their results and summaries, and clinical notes."""
