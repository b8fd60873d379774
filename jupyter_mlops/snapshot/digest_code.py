"""Digests of what is code: modules, functions, classes, methods and what wraps them.

What comes from an installed module is named; what was written in the notebook (``__main__``) or inside a
function is digested by its code. Line numbers, file names and annotations do not count: they change when a
cell runs again.
"""

from __future__ import annotations

import functools
import operator
import types
from typing import TYPE_CHECKING, Any

from jupyter_mlops.snapshot.digest_objects import attributes_token
from jupyter_mlops.snapshot.registry import handles

if TYPE_CHECKING:
    from jupyter_mlops.snapshot.walk import Walk


def is_local(module: str | None, qualname: str) -> bool:
    """True if a name does not say what the thing is: it was written in the notebook or in a function."""
    return module is None or module == "__main__" or "<locals>" in qualname or "<lambda>" in qualname


@handles(types.ModuleType)
def _module(walk: Walk, value: types.ModuleType) -> bytes:
    return walk.node("module", walk.token(vars(value).get("__name__")))


@handles(types.CodeType)
def _code(walk: Walk, value: types.CodeType) -> bytes:
    shape = (value.co_argcount, value.co_posonlyargcount, value.co_kwonlyargcount, value.co_flags)
    names = (value.co_name, value.co_names, value.co_varnames, value.co_freevars, value.co_cellvars)
    code = (value.co_code, value.co_exceptiontable, value.co_consts)
    return walk.node("code", walk.tokens((*shape, *names, *code)))


@handles(types.FunctionType)
def _function(walk: Walk, value: types.FunctionType) -> bytes:
    module = value.__module__
    if not is_local(module, value.__qualname__):
        return walk.node("function", walk.tokens((module, value.__qualname__)))
    parts = (value.__code__, value.__defaults__, value.__kwdefaults__, value.__closure__)
    return walk.node("written function", walk.tokens(parts), attributes_token(walk, value))


@handles(types.CellType)
def _cell(walk: Walk, value: types.CellType) -> bytes:
    try:
        content = value.cell_contents
    except ValueError:
        return walk.node("empty cell")
    return walk.node("cell", walk.token(content))


@handles(types.MethodType)
def _method(walk: Walk, value: types.MethodType) -> bytes:
    return walk.node("method", walk.tokens((value.__func__, value.__self__)))


@handles(types.BuiltinFunctionType)
def _builtin(walk: Walk, value: types.BuiltinFunctionType) -> bytes:
    owner = value.__self__
    of_module = owner is None or type(owner) is types.ModuleType
    names = walk.tokens((value.__module__, value.__qualname__))
    return walk.node("builtin", names, b"" if of_module else walk.token(owner))


@handles(
    types.WrapperDescriptorType,
    types.MethodDescriptorType,
    types.ClassMethodDescriptorType,
    types.GetSetDescriptorType,
    types.MemberDescriptorType,
)
def _descriptor(walk: Walk, value: Any) -> bytes:
    return walk.node("descriptor", walk.tokens((value.__objclass__, value.__name__)))


@handles(types.MethodWrapperType)
def _method_wrapper(walk: Walk, value: types.MethodWrapperType) -> bytes:
    return walk.node("method wrapper", walk.tokens((value.__name__, value.__self__)))


@handles(functools.partial)
def _partial(walk: Walk, value: functools.partial[Any]) -> bytes:
    read = [vars(functools.partial)[name].__get__(value) for name in ("func", "args", "keywords")]
    return walk.node("partial", walk.tokens(read))


@handles(functools.cached_property)
def _cached_property(walk: Walk, value: functools.cached_property[Any]) -> bytes:
    return walk.node("cached_property", walk.tokens((value.func, value.attrname)))


@handles(type(functools.lru_cache(len)))
def _lru_cache(walk: Walk, value: Any) -> bytes:
    # What it has cached is no content: the function would give the same again.
    return walk.node("lru_cache", walk.token(vars(value).get("__wrapped__")))


@handles(property)
def _property(walk: Walk, value: property) -> bytes:
    read = [vars(property)[name].__get__(value) for name in ("fget", "fset", "fdel")]
    return walk.node("property", walk.tokens(read))


@handles(classmethod, staticmethod)
def _wrapped_method(walk: Walk, value: Any) -> bytes:
    kind = "classmethod" if isinstance(value, classmethod) else "staticmethod"
    return walk.node(kind, walk.token(vars(type(value))["__func__"].__get__(value)))


@handles(operator.itemgetter, operator.attrgetter, operator.methodcaller)
def _getter(walk: Walk, value: Any) -> bytes:
    return walk.node("operator", walk.token(value.__reduce__()))


@handles(types.GenericAlias)
def _alias(walk: Walk, value: types.GenericAlias) -> bytes:
    return walk.node("alias", walk.tokens((value.__origin__, value.__args__)))


@handles(types.UnionType)
def _union(walk: Walk, value: types.UnionType) -> bytes:
    return walk.node("union", walk.token(value.__args__))
