"""Swap networks as plain torch modules, their files, and the layout of DeepFaceLab 2's weight files."""

from understudy.models.amp import AMP
from understudy.models.code_discriminator import CodeDiscriminator
from understudy.models.dfl_model import DflModel, load_dfl, save_dfl
from understudy.models.hd import DFHD, LIAEHD
from understudy.models.kinds import create_model
from understudy.models.latest import latest_model, trained_last
from understudy.models.mime import Mime
from understudy.models.patch_discriminator import PatchDiscriminator
from understudy.models.quick96 import Quick96
from understudy.models.saehd import SAEHD
from understudy.models.saved import load_model, save_model
from understudy.models.swap_model import SwapModel, SwapOutput
from understudy.models.swap_network import FaceDecoder, Reconstruction, SwapNetwork
from understudy.models.xseg import XSeg

__all__ = [
    "AMP",
    "DFHD",
    "LIAEHD",
    "SAEHD",
    "CodeDiscriminator",
    "DflModel",
    "FaceDecoder",
    "Mime",
    "PatchDiscriminator",
    "Quick96",
    "Reconstruction",
    "SwapModel",
    "SwapNetwork",
    "SwapOutput",
    "XSeg",
    "create_model",
    "latest_model",
    "load_dfl",
    "load_model",
    "save_dfl",
    "save_model",
    "trained_last",
]
