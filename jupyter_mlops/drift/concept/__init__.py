"""Concept drift: whether a model's errors, or any labelled stream, change while it runs.

Detectors are river's: ``pip install 'jupyter-mlops[concept]'``.
"""

from jupyter_mlops.drift.concept.detect import detect_concept_drift
from jupyter_mlops.drift.concept.result import Alarm, ConceptDriftResult
from jupyter_mlops.drift.concept.scores import Score, change_point_score

__all__ = ["Alarm", "ConceptDriftResult", "Score", "change_point_score", "detect_concept_drift"]
