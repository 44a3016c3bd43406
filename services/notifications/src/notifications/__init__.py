"""Who is told what, when, by which channel; no clinical word ever leaves here."""
