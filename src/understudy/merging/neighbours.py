"""A stream of frames as a window sees it: each frame with what is known of those around it, within its shot."""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from understudy.media import Frame, SourceInfo
from understudy.merging.color_pool import ColorGrid
from understudy.merging.plan import PlacedFace
from understudy.merging.prediction import Prediction
from understudy.merging.rim import Rim
from understudy.merging.settings import MergeSettings
from understudy.merging.texture import Texture

_HELD = 1 << 30  # bytes of frames that wait for those after them, at most


@dataclass(frozen=True)
class Reach:
    """How many frames before and after a frame its result draws on: for its masks, for its colours, and at least."""

    mask: int = 0
    color: int = 0
    least: int = 0

    @classmethod
    def of(cls, settings: MergeSettings, info: SourceInfo) -> "Reach":
        """Half a window each, and fewer where frames are so large that memory would not hold them."""
        most = max(1, _HELD // (info.width * info.height * 3 * (1 if info.bit_depth <= 8 else 2)))
        half = float(info.rate) / 2
        return cls(
            mask=min(most, int(settings.steady_mask * half)),
            color=min(most, int(settings.steady_color * half)),
            least=1,
        )

    @property
    def frames(self) -> int:
        """Frames before and after that a result depends on at all."""
        return max(self.mask, self.color, self.least)


NONE = Reach()
"""Each frame for itself."""


@dataclass(frozen=True, eq=False)
class Sight:
    """A face in a frame.

    Attributes:
        face: which, and where.
        outcome: what the network makes of it, or what went wrong.
        colors: its colours, where they are gathered over frames.
        rim: what its edge meets, likewise; None where the settings do not ask.
        texture: the frame's grain and detail where it lies, likewise.
    """

    face: PlacedFace
    outcome: Prediction | Exception
    colors: ColorGrid | None = None
    rim: Rim | None = None
    texture: Texture | None = None


@dataclass(eq=False)
class Scene:
    """What one frame shows, without its pixels.

    Attributes:
        index: of the frame.
        cut: another shot begins here.
        sights: its faces, the topmost last.
    """

    index: int
    cut: bool
    sights: list[Sight] = field(default_factory=list)


@dataclass(frozen=True, eq=False)
class Neighbours:
    """A frame's scene among those around it, all of one shot, in order."""

    scene: Scene
    around: Sequence[Scene]

    def of(self, face: PlacedFace, reach: int) -> Iterator[tuple[int, Sight]]:
        """The same face in other frames at most `reach` away, the nearest first: how far away, and the sight."""
        if face.track < 0:
            return
        for scene in sorted(self.around, key=lambda scene: (abs(scene.index - self.scene.index), scene.index)):
            distance = scene.index - self.scene.index
            if distance and abs(distance) <= reach:
                for sight in scene.sights:
                    if (sight.face.track, sight.face.person) == (face.track, face.person):
                        yield distance, sight


def with_neighbours(stream: Iterable[tuple[Frame, Scene]], reach: int) -> Iterator[tuple[Frame, Neighbours]]:
    """Each frame, `reach` frames late, with the scenes of so many before and after; what was given is let go."""
    past: deque[Scene] = deque(maxlen=reach)
    coming: deque[tuple[Frame, Scene]] = deque()

    def first() -> tuple[Frame, Neighbours]:
        frame, scene = coming.popleft()
        around = _shot(past, scene, [later for _, later in coming])
        past.append(scene)
        return frame, Neighbours(scene, around)

    for item in stream:
        coming.append(item)
        if len(coming) > reach:
            yield first()
    while coming:
        yield first()


def _shot(past: Iterable[Scene], scene: Scene, later: Iterable[Scene]) -> list[Scene]:
    """The scenes among these that belong to the shot of the one in the middle."""
    before: list[Scene] = []
    for other in past:
        if other.cut:
            before = []
        before.append(other)
    if scene.cut:
        before = []
    after: list[Scene] = []
    for other in later:
        if other.cut:
            break
        after.append(other)
    return [*before, scene, *after]
