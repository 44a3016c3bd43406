"""The sample models lie beside these tests; they are ordinary modules."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
