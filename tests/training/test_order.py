"""Faces are drawn without repetition, in an order that can be gone on with."""

import torch

from understudy.training.order import YAW_BINS, YAW_SPAN, ShuffledOrder, UniformYawOrder


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


def test_every_direction_of_view_comes_equally_often() -> None:
    yaw = torch.cat([torch.full((90,), 0.0), torch.full((9,), 0.5), torch.tensor([-2.0]), torch.tensor([-1.2, -1.21])])
    order, generator = UniformYawOrder(yaw), torch.Generator().manual_seed(0)
    drawn = torch.cat([order.take(5, generator) for _ in range(60)])
    for turn in drawn.view(-1, 3):  # three bins have faces; the outermost is open-ended
        assert len({0 if face < 90 else 1 if face < 99 else 2 for face in turn.tolist()}) == 3
    frontal = drawn[drawn < 90]
    assert len(frontal) == 100
    assert len(frontal[:90].unique()) == 90
    assert drawn[drawn >= 99].unique().tolist() == [99, 100, 101]


def test_bins_are_a_128th_of_the_span() -> None:
    width = 2 * YAW_SPAN / YAW_BINS
    order = UniformYawOrder(torch.tensor([0.1 * width, 0.9 * width, 1.1 * width]))
    drawn = torch.cat([order.take(2, torch.Generator().manual_seed(seed)) for seed in range(20)])
    assert (drawn == 2).sum() == 20


def test_uniform_yaw_goes_on_where_it_was() -> None:
    yaw = torch.linspace(-1, 1, 40)[torch.randperm(40, generator=torch.Generator().manual_seed(1))] ** 3
    generator = torch.Generator().manual_seed(2)
    order, other = UniformYawOrder(yaw), UniformYawOrder(yaw)
    order.take(7, generator)
    other.restore(order.waiting.clone())
    state = generator.get_state()
    assert other.ahead(3).tolist() == order.ahead(3).tolist()
    expected = torch.cat([order.take(6, generator) for _ in range(20)])
    generator.set_state(state)
    assert torch.equal(torch.cat([other.take(6, generator) for _ in range(20)]), expected)
    other.restore(torch.tensor([3, 99, -1, 99, 5]))
    assert other.waiting.tolist() == [3, -1, 5]
