"""Synthetic performers: faces drawn from a seed and filmed with exact truth of where everything is."""

from understudy.actors.camera import Camera
from understudy.actors.clip import ActorSource, ClipReport, ClipTruth, read_truth, render_clip
from understudy.actors.expression import CHANNELS
from understudy.actors.identity import Identity
from understudy.actors.light import Light, Lighting
from understudy.actors.occluders import Occluder
from understudy.actors.performance import Performance, PerformanceFrame
from understudy.actors.pose import Pose
from understudy.actors.render import render
from understudy.actors.scene import Companion, Scene
from understudy.actors.surface import Part
from understudy.actors.truth import FaceTruth, Rendered, Truth

__all__ = [
    "CHANNELS",
    "ActorSource",
    "Camera",
    "ClipReport",
    "ClipTruth",
    "Companion",
    "FaceTruth",
    "Identity",
    "Light",
    "Lighting",
    "Occluder",
    "Part",
    "Performance",
    "PerformanceFrame",
    "Pose",
    "Rendered",
    "Scene",
    "Truth",
    "read_truth",
    "render",
    "render_clip",
]
