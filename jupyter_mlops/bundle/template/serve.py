"""Serve this bundle: ``python serve.py --help``. The code is in ``runtime/``, yours to read and to change."""

import os
import sys
from pathlib import Path

# Before scikit-learn is imported: with more threads than free cores, one row takes several times longer.
os.environ.setdefault("OMP_NUM_THREADS", "1")

if __name__ == "__main__":
    folder = Path(__file__).resolve().parent
    sys.path.insert(0, str(folder))
    from runtime.main import main  # type: ignore[import-not-found]  # the folder beside this file

    sys.exit(main(folder, sys.argv[1:]))
