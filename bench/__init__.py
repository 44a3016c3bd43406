"""`make bench`: every figure of DESIGN §10 that this release has, with its limit measured in the same run."""
