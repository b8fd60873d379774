"""Gates: what a model must hold before it becomes the champion, each with its figure.

>>> from jupyter_mlops.registry.gates import load_rules
>>> load_rules(None).champion.confidence
0.95
"""

from jupyter_mlops.registry.gates.holdout_figures import holdout_figures
from jupyter_mlops.registry.gates.read_rules import load_rules
from jupyter_mlops.registry.gates.rules import Rules
from jupyter_mlops.registry.gates.run import run_gates

__all__ = ["Rules", "holdout_figures", "load_rules", "run_gates"]
