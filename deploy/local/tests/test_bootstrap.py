"""What the set-up says when it cannot: one sentence, with what to do where that is known."""

import sys
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from types import ModuleType

import pytest

SAID = {
    "pip": "SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed'))",
    "uv": "  cause: invalid peer certificate: UnknownIssuer",
    "npm": "npm error code SELF_SIGNED_CERT_IN_CHAIN",
    "Maven": "PKIX path building failed: unable to find valid certification path to requested target",
}


@pytest.fixture(scope="module")
def bootstrap() -> ModuleType:
    """The script, which is none of the packages."""
    path = Path(__file__).resolve().parents[1] / "bootstrap"
    loader = SourceFileLoader("kith_bootstrap", str(path))
    spec = spec_from_loader("kith_bootstrap", loader)
    assert spec is not None
    module = module_from_spec(spec)
    loader.exec_module(module)
    return module


@pytest.mark.parametrize("who", SAID)
def test_a_certificate_that_is_not_trusted_names_what_to_set(
    bootstrap: ModuleType, who: str, capsys: pytest.CaptureFixture[str]
) -> None:
    failing = f"import sys; print({SAID[who]!r}, file=sys.stderr); sys.exit(3)"
    with pytest.raises(SystemExit):
        bootstrap.run([sys.executable, "-c", failing])
    said = capsys.readouterr().err
    assert SAID[who] in said and "This did not work: " in said
    assert "SSL_CERT_FILE" in said and "NODE_EXTRA_CA_CERTS" in said and "trustStore" in said


def test_anything_else_that_fails_says_only_what_it_was(
    bootstrap: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        bootstrap.run([sys.executable, "-c", "import sys; sys.exit('no room left')"])
    said = capsys.readouterr().err
    assert "no room left" in said and "SSL_CERT_FILE" not in said
    bootstrap.run([sys.executable, "-c", ""])
