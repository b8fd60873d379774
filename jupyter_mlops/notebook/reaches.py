"""Which names share memory: what a value leads to is found once, until a cell touches its name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jupyter_mlops.notebook.memory import linked
from jupyter_mlops.notebook.namespace import reach, visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from jupyter_mlops.notebook.memory import Place


class Reaches:
    """The places that the values of names lead to.

    A change through another name need not be told: whatever it changed is linked to that name by places
    that were there before.
    """

    def __init__(self) -> None:
        self._known: dict[str, tuple[int, set[Place]]] = {}

    def forget(self, names: Iterable[str]) -> None:
        """Say that the values of these names may lead elsewhere now."""
        for name in names:
            self._known.pop(name, None)

    def forget_all(self) -> None:
        """Say that any of them may."""
        self._known.clear()

    def of(self, name: str, namespace: Mapping[str, Any]) -> set[Place]:
        """The places of the mutable objects that the value of a name leads to."""
        value = namespace[name]
        known = self._known.get(name)
        if known is None or known[0] != id(value):
            known = self._known[name] = (id(value), reach(value))
        return known[1]

    def sharing(
        self, changed: set[str], namespace: Mapping[str, Any], *, past_pandas: bool = False
    ) -> tuple[set[str], set[str]]:
        """Names whose values share mutable memory with those of `changed` (these left out).

        Args:
            changed: names whose values changed.
            namespace: the notebook's names.
            past_pandas: the code may have written into frames without pandas.

        Returns:
            Names that share an object; and names that share only the memory of arrays, of which pandas does
            not know that it changed.
        """
        memory: set[Place] = set()
        for name in changed & namespace.keys():
            memory |= self.of(name, namespace)
        same, past = self._linked(memory, namespace, past_pandas=past_pandas)
        return same - changed, past - changed

    def sharing_with(self, values: Iterable[Any], namespace: Mapping[str, Any]) -> tuple[set[str], set[str]]:
        """Names whose values share mutable memory with one of `values`; as `sharing`."""
        return self._linked(set().union(*map(reach, values)), namespace, past_pandas=False)

    def _linked(
        self, memory: set[Place], namespace: Mapping[str, Any], *, past_pandas: bool
    ) -> tuple[set[str], set[str]]:
        found: dict[str, set[str]] = {"": set(), "same": set(), "past": set()}
        if memory:
            for name in visible(namespace):
                found[linked(memory, self.of(name, namespace), past_pandas=past_pandas)].add(name)
        return found["same"], found["past"]
