"""Drift between two frames: effect sizes decide, adjusted p-values accompany.

>>> import pandas as pd
>>> from jupyter_mlops.drift import compare_frames
>>> before, after = pd.DataFrame({"x": range(500)}), pd.DataFrame({"x": range(300, 800)})
>>> compare_frames(before, after).summary
'1 of 1 column drifts: x'
"""

from jupyter_mlops.drift.compare import compare_frames, compare_profiles
from jupyter_mlops.drift.result import DriftResult
from jupyter_mlops.drift.thresholds import Thresholds

__all__ = ["DriftResult", "Thresholds", "compare_frames", "compare_profiles"]
