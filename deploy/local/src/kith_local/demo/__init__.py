"""The demo organisations, loaded through the public API by a program that knows one address and nothing else."""
