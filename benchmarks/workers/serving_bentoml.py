"""The model behind BentoML, which makes the frame of a request itself."""

import os

import bentoml
import joblib
import numpy as np
import pandas as pd


@bentoml.service
class Served:
    """The model."""

    def __init__(self) -> None:
        self.model = joblib.load(os.environ["SERVED_MODEL"])

    @bentoml.api
    def predict(self, rows: pd.DataFrame) -> np.ndarray:
        """One label a row."""
        return self.model.predict(rows)
