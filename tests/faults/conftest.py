"""One small organisation in a running product, for the tests that take parts of it away."""

import pytest

from kith_local.small_family import SmallFamily, settle
from kith_local.testing import Product


@pytest.fixture(scope="session")
def family(product: Product) -> SmallFamily:
    """A teenager, a parent, a teacher and a therapist, with one of everything."""
    return settle(product.url, product.home)
