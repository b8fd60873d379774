"""Functions and classes of the notebook that a model holds, as a module that goes with the model."""

from jupyter_mlops.registry.own_code.code import Copies, OwnCode, own_code, own_modules, with_module

__all__ = ["Copies", "OwnCode", "own_code", "own_modules", "with_module"]
