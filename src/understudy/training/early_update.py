"""Weights that are updated during the backward passes, so that all gradients never exist at once."""

import threading
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from torch import Tensor


class EarlyUpdate:
    """The backward passes of one step: each weight is updated as soon as every pass has added its gradient.

    The passes may run side by side. Which of them updates a weight is chance, and makes no difference, since updates
    treat every weight by itself.

    Args:
        parameters: whose gradients are watched.
        passes: number of passes of the step.
        update: updates one of them and drops its gradient; called by any thread, for several of them at once.
    """

    def __init__(self, parameters: Iterable[Tensor], *, passes: int, update: Callable[[Tensor], None]) -> None:
        self._parameters = [parameter for parameter in parameters if parameter.requires_grad]
        self._to_begin = passes
        self._update = update
        self._awaited: Counter[Tensor] = Counter()  # gradients that will yet come
        self._whole: deque[Tensor] = deque()
        self._running = 0
        self._change = threading.Condition()

    @contextmanager
    def watching(self) -> Iterator[Callable[[Tensor], None]]:
        """Within, what is yielded takes the place of a loss's `backward`; afterwards, other gradients may be left."""
        hooks = [
            parameter.register_post_accumulate_grad_hook(self._arrived)  # type: ignore[no-untyped-call]
            for parameter in self._parameters
        ]
        try:
            yield self._backward
        finally:
            for hook in hooks:
                hook.remove()

    def _backward(self, loss: Tensor) -> None:
        """Add the gradients of one pass, updating what is whole; stays to help until no pass is running."""
        uses = _leaves(loss)
        with self._change:
            self._awaited.update(uses)
            self._running += 1
            self._to_begin -= 1
            if not self._to_begin:  # only now it is known what comes once and what comes again
                self._whole.extend(parameter for parameter, count in self._awaited.items() if not count)
        try:
            loss.backward()  # type: ignore[no-untyped-call]
        finally:
            with self._change:
                self._running -= 1
                self._change.notify_all()
        while (parameter := self._wait()) is not None:
            self._update(parameter)

    def _wait(self) -> Tensor | None:
        """The next that is whole; None when there will be no other one."""
        with self._change:
            self._change.wait_for(lambda: self._whole or not self._running)
            return self._whole.popleft() if self._whole else None

    def _arrived(self, parameter: Tensor) -> None:
        """Called within a backward pass when that has added a gradient."""
        with self._change:
            self._awaited[parameter] -= 1
            completes = not self._awaited[parameter] and not self._to_begin
            if completes:
                self._whole.append(parameter)
                self._change.notify()
            # The pass that comes second completes. It leaves one to the pass that is ahead, so that neither has to wait
            # for the other in the end.
            ready = self._whole.popleft() if len(self._whole) > completes else None
        if ready is not None:
            self._update(ready)


def _leaves(loss: Tensor) -> set[Tensor]:
    """The parameters that a loss was computed from."""
    found: set[Tensor] = set()
    seen: set[Any] = {loss.grad_fn}
    todo: list[Any] = [loss.grad_fn]
    while todo:
        node = todo.pop()
        if hasattr(node, "variable"):
            found.add(node.variable)
        for following, _ in node.next_functions:
            if following is not None and following not in seen:
                seen.add(following)
                todo.append(following)
    return found
