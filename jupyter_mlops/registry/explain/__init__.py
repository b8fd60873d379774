"""Why a model answers as it does: which columns it uses, and what each of them did to single answers."""

from jupyter_mlops.registry.explain.model import explain_model, importance_of
from jupyter_mlops.registry.explain.result import Explanation, Importance, RowExplanation

__all__ = ["Explanation", "Importance", "RowExplanation", "explain_model", "importance_of"]
