"""Functions and classes of the notebook that a model holds, as a module that goes with the model."""

from jupyter_mlops.registry.own_code.code import OwnCode, own_code, own_modules, with_module

__all__ = ["OwnCode", "own_code", "own_modules", "with_module"]
