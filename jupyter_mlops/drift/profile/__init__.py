"""What a comparison needs of a frame: a few kilobytes a column, built in one pass, kept and merged.

>>> import pandas as pd
>>> from jupyter_mlops.drift.profile import profile_frame
>>> monday, tuesday = pd.DataFrame({"x": [1, 2, 2]}), pd.DataFrame({"x": [3]})
>>> both = profile_frame(monday).merged(profile_frame(tuesday))
>>> both.rows, both.columns["x"].values.upto.tolist()
(4, [1, 3, 4])
"""

from jupyter_mlops.drift.profile.build import profile_column, profile_frame
from jupyter_mlops.drift.profile.model import ColumnProfile, FrameProfile

__all__ = ["ColumnProfile", "FrameProfile", "profile_column", "profile_frame"]
