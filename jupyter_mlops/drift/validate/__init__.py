"""What a reference lets expect of a frame, and whether the frame holds it.

>>> import pandas as pd
>>> from jupyter_mlops.drift.profile import profile_frame
>>> from jupyter_mlops.drift.validate import expectations_of, validate_frame
>>> before = pd.DataFrame({"size": ["S", "M", "L"] * 50})
>>> validate_frame(pd.DataFrame({"size": ["S", "XL"]}), expectations_of(profile_frame(before))).summary
'1 of 5 checks fails: size (categories)'
"""

from jupyter_mlops.drift.validate.check import validate_frame
from jupyter_mlops.drift.validate.expectation import Expectation, Expectations
from jupyter_mlops.drift.validate.infer import expectations_of
from jupyter_mlops.drift.validate.result import ValidationResult

__all__ = ["Expectation", "Expectations", "ValidationResult", "expectations_of", "validate_frame"]
