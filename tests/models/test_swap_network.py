"""The steps of a network add up to the whole, and none is taken twice."""

from collections import Counter

import pytest
import torch

from reference_network import reference_images, reference_model


@pytest.mark.parametrize("archi", ["df-ud", "df-t", "liae-ud", "liae-udt"])
@torch.inference_mode()
def test_steps_add_up(archi: str) -> None:
    model, images = reference_model(archi), reference_images()
    features = model.encode(images)
    swap = model.swap(images)
    codes = model.swap_code(features), model.dst_code(features)
    assert all(map(torch.equal, codes, model.swap_and_dst_code(features)))
    assert torch.equal(model.src_decoder().decode_face(codes[0]), swap.face)
    assert torch.equal(model.dst_decoder().decode_mask(codes[1]), swap.dst_mask)
    if model.true_face_shape is not None:
        assert model.src_code(features).shape[1:] == model.dst_code(features).shape[1:] == model.true_face_shape
    assert (model.true_face_shape is None) == archi.startswith("liae")


@pytest.mark.parametrize("archi", ["df-ud", "liae-ud"])
@torch.inference_mode()
def test_a_swap_takes_no_step_twice(archi: str) -> None:
    model = reference_model(archi)
    calls: Counter[str] = Counter()
    for name, part in model.named_modules():
        part.register_forward_hook(lambda *_, name=name: calls.update([name]))
    model.swap(reference_images())
    shared = {name for name, part in model.named_modules() if name.startswith("decoder.mask")}  # its own and dst's
    assert all(count == 1 for name, count in calls.items() if name not in shared)
    assert not any(name.startswith("decoder_dst.color") for name in calls)


@pytest.mark.parametrize(("archi", "parts"), [("df", {"inter"}), ("liae", {"inter_ab", "inter_b"})])
def test_renewed_parts_start_anew_and_others_stay(archi: str, parts: set[str]) -> None:
    model = reference_model(archi)
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    assert set(model.renewed_after_pretraining) == parts
    model.renew(model.renewed_after_pretraining)
    for name, tensor in model.state_dict().items():
        assert torch.equal(tensor, before[name]) != (name.split(".")[0] in parts), name
