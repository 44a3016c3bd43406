"""`make bench`: every figure of the product that this release has, with its limit measured in the same run."""
