"""A model as tables: ``model.json`` says which parts it has, ``model.bin`` holds their arrays.

A part is built from its node in the JSON by the function that `kinds.py` names for its ``kind``.

- A transformer has `transform(block) -> block`.
- A predictor has `classes` (labels in the order of probabilities, or None), `methods`, `predict(matrix)`
  and, where methods say so, `predict_proba(matrix)`. It gets a C-contiguous float64 matrix (rows, features),
  NaN where something is missing. One that hands its rows on to others (a pipeline) says
  `takes_columns = True` and gets the block as it is.

What a block is stands in `blocks.py`.
"""
