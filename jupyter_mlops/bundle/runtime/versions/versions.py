"""The versions in a bundle: each with an engine that waits for questions; the rule says whose turn it is."""

from __future__ import annotations

import asyncio
import random
from typing import TYPE_CHECKING, Any

from ..scoring import Scored, Scorer
from .shadow import Shadow

if TYPE_CHECKING:
    from ..engines import Engine
    from ..http import Request
    from ..questions import Question
    from ..reread import Reread
    from ..served import Served
    from .rollout import Rollout


class Version:
    """One version that can be asked.

    Args:
        role: ``champion`` or ``challenger``.
        served: the loaded model.
        most_waiting: requests that may wait for it.
        other: the same model in another engine, which checks some of the answers; None if there is none.
    """

    def __init__(self, role: str, served: Served, most_waiting: int, other: Engine | None) -> None:
        self.role = role
        self.served = served
        self.name = served.manifest.version
        self.header = (b"x-model-version", self.name.encode("ascii", "replace"))
        self.requests = 0
        self.score = Scorer(served.engine, most_waiting)
        self.check = None if other is None else Shadow(other, by_class=False)


class Versions:
    """All of a bundle.

    Args:
        champion: it answers unless the rule says otherwise.
        challenger: None in a bundle with one version.
        rollout: the rule, which may change at any time; a request keeps the one it began with.
        check_share: of the answers, how many the other engine checks.
    """

    def __init__(
        self, champion: Version, challenger: Version | None, rollout: Reread[Rollout], check_share: float
    ) -> None:
        self.champion = champion
        self.challenger = challenger
        self.rollout = rollout
        self.shadow = None if challenger is None else Shadow(challenger.served.engine, by_class=True)
        self._check_share = check_share

    async def __call__(
        self, question: Question, request: Request, only: Version | None = None
    ) -> tuple[Scored, Version]:
        """The answers, and whose they are.

        Args:
            question: what is asked.
            request: what it came by: its headers may hold the key.
            only: the version that was asked for by its own address; None leaves it to the rule.

        Raises:
            BadRequest: as the engine does, or when too many wait.
        """
        rule, version = self._turn(question, request, only)
        scored = await version.score(question)
        self._answered(rule, version, question, scored)
        return scored, version

    def at_once(
        self, question: Question, request: Request, only: Version | None = None
    ) -> tuple[Scored, Version] | None:
        """As above, if the engines are `quick` and there are few rows; else None."""
        rule, version = self._turn(question, request, only)
        scored = version.score.at_once(question)
        if scored is None:
            return None
        self._answered(rule, version, question, scored)
        return scored, version

    @property
    def are_quick(self) -> bool:
        """Whether all of them answer a few rows at once."""
        return all(version.served.engine.is_quick for version in self.all())

    def _turn(self, question: Question, request: Request, only: Version | None) -> tuple[Rollout, Version]:
        rule = self.rollout.now()
        version = only or self._chosen(rule, question, request)
        question.version = version.name
        return rule, version

    def _answered(self, rule: Rollout, version: Version, question: Question, scored: Scored) -> None:
        version.requests += 1
        # On the next turn of the loop, when this answer is on its way.
        if self.shadow is not None and version is self.champion and rule.is_shadowed():
            asyncio.get_running_loop().call_soon(self.shadow.offer, question, scored.answers)
        if version.check is not None and random.random() < self._check_share:  # noqa: S311 - no secret
            asyncio.get_running_loop().call_soon(version.check.offer, question, scored.answers)

    def _chosen(self, rule: Rollout, question: Question, request: Request) -> Version:
        other = self.challenger
        if other is not None and rule.asks_challenger(request.headers, question.batch, other.name):
            return other
        return self.champion

    def counts(self) -> dict[str, Any]:
        """The rule, and what came of it so far."""
        versions = {
            each.role: {"version": each.name, "requests": each.requests, "engine": each.served.engine.name}
            | ({} if each.check is None else {"other_engine": each.check.counts()})
            for each in self.all()
        }
        shadow = None if self.shadow is None else self.shadow.counts()
        return {**self.rollout.now().to_dict(), "versions": versions, "shadow": shadow}

    def second_opinions(self) -> list[tuple[str, str, dict[str, Any]]]:
        """For the figures: whose answers were checked, by what, and the counts of it."""
        found = [(each.name, "engine", each.check.counts()) for each in self.all() if each.check is not None]
        if self.shadow is not None:
            found.append((self.champion.name, "challenger", self.shadow.counts()))
        return found

    def close(self) -> None:
        """Compare nothing any more."""
        for shadow in (self.shadow, *(each.check for each in self.all())):
            if shadow is not None:
                shadow.close()

    def all(self) -> list[Version]:
        """The champion, and the challenger if there is one."""
        return [each for each in (self.champion, self.challenger) if each is not None]
