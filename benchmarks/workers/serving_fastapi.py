"""The model behind FastAPI as people write it: a pydantic object a row, a frame of them, `predict`."""

from __future__ import annotations

import os

import joblib
import pandas as pd
from fastapi import FastAPI
from pydantic import BaseModel

model = joblib.load(os.environ["SERVED_MODEL"])
app = FastAPI()


class Row(BaseModel):
    """The columns that the model takes."""

    n0: float
    n1: float
    n2: float
    n3: float
    n4: float
    n5: float
    n6: float
    n7: float
    n8: float
    n9: float
    n10: float
    n11: float
    n12: float
    n13: float
    n14: float
    n15: float
    n16: float
    n17: float
    n18: float
    n19: float
    c0: str
    c1: str
    c2: str
    c3: str
    c4: str


@app.post("/predict")
def predict(rows: list[Row]) -> dict[str, list[int]]:
    """One label a row."""
    frame = pd.DataFrame([row.model_dump() for row in rows])
    return {"predictions": model.predict(frame).tolist()}
