"""Faces are drawn without repetition, in an order that can be gone on with."""

import torch

from understudy.training.order import ShuffledOrder


def test_every_index_once_before_any_twice() -> None:
    order, generator = ShuffledOrder(7), torch.Generator().manual_seed(0)
    drawn = torch.cat([order.take(3, generator) for _ in range(14)]).view(6, 7)
    for epoch in drawn:
        assert sorted(epoch.tolist()) == list(range(7))
    assert not torch.equal(drawn[0], drawn[1])


def test_a_batch_may_be_larger_than_the_set() -> None:
    drawn = ShuffledOrder(2).take(5, torch.Generator().manual_seed(0))
    assert len(drawn) == 5
    assert set(drawn.tolist()) == {0, 1}


def test_goes_on_where_it_was_and_forgets_faces_that_are_gone() -> None:
    generator = torch.Generator().manual_seed(3)
    order = ShuffledOrder(10)
    order.take(4, generator)
    other = ShuffledOrder(10)
    other.restore(order.waiting.clone())
    assert torch.equal(order.take(6, generator), other.take(6, generator))
    smaller = ShuffledOrder(5)
    smaller.restore(torch.tensor([9, 3, 5, 1]))
    assert smaller.waiting.tolist() == [3, 1]
