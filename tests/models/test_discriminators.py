"""Both discriminators compute the reference's logits; patches have the reference's receptive fields."""

import math

import pytest
import torch

from reference_network import fill_with_reference, fingerprint, reference_images
from understudy.models import CodeDiscriminator, PatchDiscriminator
from understudy.models.patch_discriminator import patch_strides, receptive_field
from understudy.project.errors import UnderstudyError

# smallest patch size : receptive field : strides, up to 640
TABLE = """
3:3:2 6:7:22 10:11:212 14:15:222 18:19:2122 22:23:2212 26:27:21212 30:31:2222 34:35:21222 38:39:22122
42:43:212122 46:47:22212 50:51:212212 54:55:221212 58:59:2121212 62:63:22222 66:67:212222 70:71:221222
74:75:2121222 78:79:222122 82:83:2122122 86:87:2212122 90:91:21212122 94:95:222212 98:99:2122212
102:103:2212212 106:107:21212212 110:111:2221212 114:115:21221212 118:119:22121212 122:123:212121212
126:127:222222 130:131:2122222 134:135:2212222 138:139:21212222 142:143:2221222 146:147:21221222
150:151:22121222 154:155:212121222 158:159:2222122 162:163:21222122 166:167:22122122 170:171:212122122
174:175:22212122 178:179:212212122 182:183:221212122 188:191:2222212 194:195:21222212 198:199:22122212
202:203:212122212 206:207:22212212 210:211:212212212 214:215:221212212 220:223:22221212 226:227:212221212
230:231:221221212 236:239:222121212 248:255:2222222 258:259:21222222 262:263:22122222 266:267:212122222
270:271:22212222 274:275:212212222 278:279:221212222 284:287:22221222 290:291:212221222 294:295:221221222
300:303:222121222 312:319:22222122 322:323:212222122 326:327:221222122 332:335:222122122 344:351:222212122
368:383:22222212 386:387:212222212 390:391:221222212 396:399:222122212 408:415:222212212 432:447:222221212
480:511:22222222 514:515:212222222 518:519:221222222 524:527:222122222 536:543:222212222 560:575:222221222
608:639:222222122
"""


def test_every_patch_size_has_the_reference_s_strides() -> None:
    rows = [(int(first), int(field), strides) for first, field, strides in (row.split(":") for row in TABLE.split())]
    ends = [first for first, _, _ in rows[1:]] + [641]
    for (first, field, strides), end in zip(rows, ends, strict=True):
        for size in range(first, end):
            found = patch_strides(size, 512)
            assert "".join(map(str, found)) == strides, size
            assert receptive_field(found) == field


@pytest.mark.parametrize("resolution", [64, 224, 320, 352])
def test_strides_that_a_resolution_cannot_take_give_way_to_the_nearest(resolution: int) -> None:
    for size in range(3, 641):
        strides, wanted = patch_strides(size, resolution), patch_strides(size, 512)
        assert resolution % math.prod(strides) == 0
        if resolution % math.prod(wanted) == 0:
            assert strides == wanted
    with pytest.raises(UnderstudyError, match="even resolution"):
        patch_strides(16, 225)


@pytest.mark.parametrize("patch_size", [3, 16, 28, 59])
def test_the_receptive_field_is_what_a_logit_depends_on(patch_size: int) -> None:
    network = PatchDiscriminator(resolution=128, patch_size=patch_size, dims=4)
    images = torch.rand(1, 3, 128, 128, requires_grad=True)
    center, full = network(images)
    assert full.shape == (1, 1, 128, 128)
    middle = center.shape[-1] // 2
    center[0, 0, middle, middle].backward()
    rows = images.grad.abs().sum((0, 1, 3)).nonzero()
    assert rows.max() - rows.min() + 1 == receptive_field(network.strides)


@pytest.mark.parametrize(
    ("patch_size", "center", "full"),
    [
        (
            16,
            "0.077110 0.031929 0.052571 0.083207 0.111529 0.085018 0.059523 0.056252 0.032025",
            "0.444009 0.293088 0.600616 0.596620 0.740436 0.645861 0.804781 0.675770 0.845386",
        ),
        (
            28,
            "0.020816 0.030399 0.060519 0.045641 0.054178 0.052437 -0.007312 0.027007 0.007903",
            "0.334151 0.225070 0.608095 0.604297 0.659261 0.641729 0.622271 0.632159 0.632082",
        ),
    ],
)
@torch.inference_mode()
def test_patch_logits_equal_the_reference(patch_size: int, center: str, full: str) -> None:
    network = PatchDiscriminator(resolution=64, patch_size=patch_size, dims=8)
    fill_with_reference(network, "D_src")
    for found, text in zip(network(reference_images().flip(1)), (center, full), strict=True):
        expected = torch.tensor([float(number) for number in text.split()], dtype=torch.float64)
        torch.testing.assert_close(fingerprint(found), expected, rtol=0, atol=5e-6)


@torch.inference_mode()
def test_code_logits_equal_the_reference() -> None:
    network = CodeDiscriminator(channels=16, side=8)
    assert [conv.out_channels for conv in network.convs] == [256, 512]
    fill_with_reference(network, "dis")
    found = network(reference_images(8, channels=16))
    text = "0.135917 0.175344 -0.000445 -0.083455 -0.123200 0.268823 0.115790 0.301016 0.091811"
    expected = torch.tensor([float(number) for number in text.split()], dtype=torch.float64)
    torch.testing.assert_close(fingerprint(found), expected, rtol=0, atol=5e-6)
