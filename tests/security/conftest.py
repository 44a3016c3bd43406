"""What the security tests share: the matrix, one test for each situation, and the stage it is played on."""

import pytest

from kith_local.matrix_stage import Stage, build, situations, why_not
from kith_local.small_family import SmallFamily, settle
from kith_local.testing import Product


@pytest.fixture(scope="session")
def stage(product: Product) -> Stage:
    """Everybody in place, once for all rows."""
    return build(product)


@pytest.fixture(scope="session")
def family(product: Product) -> SmallFamily:
    """One small organisation with one of everything."""
    return settle(product.url, product.home)


@pytest.fixture(scope="session")
def twin(product: Product) -> SmallFamily:
    """Another one, in which all ids but those of its persons are the same."""
    return settle(product.url, product.home)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One test for each situation that requests can lead into."""
    if "situation" in metafunc.fixturenames:
        live = [s for s in situations() if why_not(s) is None]
        names = [f"{s.role}-{s.relation}-{s.age_band}-{s.consent_state}-{s.signed_in}" for s in live]
        metafunc.parametrize("situation", live, ids=[name.replace(" ", "_") for name in names])
