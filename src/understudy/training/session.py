"""`train`: from two facesets to a swap network, resumable at any moment."""

import hashlib
import platform
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

from filelock import FileLock, Timeout

from understudy.models import SwapNetwork
from understudy.models.saved_xseg import xseg_checkpoints
from understudy.project import SIDES, Progress, Project, Silent, UnderstudyError
from understudy.provenance import Origin
from understudy.training.allocator import kept_pages
from understudy.training.auto import choose_batch, choose_sizes
from understudy.training.bank import FaceBank, faces_in, load_bank
from understudy.training.beginning import new_network, newest_saved
from understudy.training.compilation import check_compilation
from understudy.training.device_count import count_devices
from understudy.training.devices import Job, train_on
from understudy.training.hardware import Hardware
from understudy.training.interrupt import interrupt_sets
from understudy.training.live_settings import LiveSettings
from understudy.training.objective import check_fits
from understudy.training.phase_clock import PhaseClock
from understudy.training.ranks import ALONE, Ranks
from understudy.training.run import Run, TrainResult
from understudy.training.settings import NetworkSettings, TrainSettings, check_shares
from understudy.training.shared_state import led_checkpoint
from understudy.training.team import has_place, joined, number_on_host
from understudy.training.tensorboard import check_tensorboard
from understudy.training.watch import live_page


def train(
    project: Project,
    settings: TrainSettings,
    progress: Progress,
    *,
    stop: threading.Event | None = None,
    watch: int | None = None,
    auto: bool = False,
) -> TrainResult:
    """Train a network on the project's facesets; goes on where the model of that name was left.

    Stops at the settings' iteration or time, after the last phase of a schedule, at Ctrl-C, or when `stop` is set by
    another thread; saves in each case. What is edited in `[train]` of the project's file is followed meanwhile.

    On several devices there is a process for each, which this call starts and ends; a process that `torchrun` started
    takes its place among the others instead.

    Args:
        project: its facesets are learned from; its model folder is written.
        settings: how to train.
        progress: is shown the losses.
        stop: set by another thread to end the training.
        auto: let the device's memory and speed decide on the sizes of a new network, and on the batch.
        watch: port of a live page on this computer, 0 for a free one; None: no page.

    Raises:
        UnderstudyError: no faces, settings that do not fit the model's network, a model that another program is
            training, a full disk, no memory for a single face, losses that stay infinite, or a process that died.
    """
    stop = stop or threading.Event()
    hardware = Hardware.choose(settings.device, settings.precision, number=number_on_host())
    if has_place():
        with joined(hardware.device) as team:
            return _train(project, settings, progress if team.leads else Silent(), stop, watch, auto, hardware, team)
    count = count_devices(settings.devices, hardware.device)
    if count > 1:
        check_shares(settings, count)
        return train_on(count, Job(project.root, settings, watch, auto), progress, stop)
    return _train(project, settings, progress, stop, watch, auto, hardware, ALONE)


def _train(
    project: Project,
    settings: TrainSettings,
    progress: Progress,
    stop: threading.Event,
    watch: int | None,
    auto: bool,
    hardware: Hardware,
    ranks: Ranks,
) -> TrainResult:
    """This process's part of a training."""
    folder = project.model_folder(settings.name)
    if xseg_checkpoints(folder):
        raise UnderstudyError(f"{folder} holds a mask network: give the swap model another --name")
    hardware = hardware if not ranks.any(not hardware.half) else replace(hardware, half=False)
    with ExitStack() as stack:
        if ranks.leads:
            stack.enter_context(_alone(folder))

        saved = led_checkpoint(ranks, lambda: newest_saved(folder, progress.say))
        if auto:
            found = None if saved is None else saved[0]
            settings = ranks.led(lambda: _fitted(settings, found, hardware, progress, devices=ranks.count))
        check_shares(settings, ranks.count)
        network = new_network(settings)
        if saved is not None:
            _check_same_network(network, saved[0], settings)
            network, state = saved
            begins_anew = state.phase.get("pretraining") and not settings.pretrain and not settings.schedule
            reached = 0 < settings.iterations <= state.iteration or 0 < settings.until <= state.seconds
            if reached and not begins_anew:
                trained = f"{state.iteration} iterations, {state.seconds / 60:.0f} minutes"
                progress.say(f"{settings.name} has had {trained} already: raise --iterations or --until to go on")
                return TrainResult(folder, state.iteration, *state.losses, 0.0)
            if PhaseClock.resumed(settings, state).is_over(state.iteration, state.seconds):
                progress.say(f"the schedule of {settings.name} is through: add a phase, or lengthen the last, to go on")
                return TrainResult(folder, state.iteration, *state.losses, 0.0)

        def facesets(now: TrainSettings) -> list[Path]:
            pretraining = now.pretrain_folder if now.pretrain else None
            return [pretraining or project.aligned(side) for side in SIDES]

        def check(wanted: TrainSettings, shown: Progress) -> None:
            for now in [wanted.during(phase) for phase in wanted.schedule] or [wanted]:
                check_fits(now, network)
                check_compilation(now.compile, hardware.device)
                for folder in set(facesets(now)) if ranks.leads else ():
                    faces_in(folder, shown)
                if now.tensorboard and ranks.leads:
                    check_tensorboard()

        # First of all: an edit may come while faces are read.
        live = LiveSettings(project, progress, devices=ranks.count, check=partial(check, shown=Silent()))
        check(settings, progress)  # of a schedule, what only the last phase asks for too

        def faces(now: TrainSettings) -> tuple[FaceBank, FaceBank]:
            with ranks.one_by_host():
                src, dst = (
                    stack.enter_context(
                        load_bank(
                            folder,
                            face_type=network.face_type,
                            resolution=network.resolution,
                            progress=progress,
                            ahead=ranks.leads_host,
                            host=ranks.host,
                        )
                    )
                    for folder in facesets(now)
                )
            check_same_faces(ranks, src, dst)
            return src, dst

        if hardware.device.type == "cpu":
            stack.enter_context(kept_pages())  # before the lanes' threads begin
        origin = _origin(project, settings, progress) if ranks.leads else None
        run = Run(folder, network, settings, hardware, faces, origin, live if ranks.leads else None, progress, ranks)
        if saved is None:
            run.begin()
        else:
            run.resume(saved[1])
        if watch is not None and ranks.leads:
            progress.say(f"watch the training at {stack.enter_context(live_page(folder, port=watch))}")
        stack.enter_context(interrupt_sets(stop, insisting=ranks.count == 1))
        return run.until_stopped(stop)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Hold a lock on the model that ends with the process, however that ends.

    Raises:
        UnderstudyError: another process holds it, or the folder cannot be written.
    """
    lock = FileLock(folder / ".lock", timeout=0)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock.acquire()
    except Timeout:
        raise UnderstudyError(f"{folder.name} is being trained elsewhere: wait, or give another --name") from None
    except OSError as error:
        raise UnderstudyError(f"cannot write {folder}: {error.strerror}") from error
    try:
        yield
    finally:
        lock.release()


def _fitted(
    settings: TrainSettings, found: SwapNetwork | None, hardware: Hardware, progress: Progress, *, devices: int
) -> TrainSettings:
    """The settings with what suits the device: sizes and batch of a new model, the batch of one that there is.

    What one GPU is found to hold is taken to be what each of them holds; processes on a CPU share its memory.
    """
    fitted = _fitted_to_one(settings, found, hardware, progress)
    if devices == 1 or hardware.device.type == "cpu":
        return fitted
    progress.say(f"on each of {devices} devices")
    return fitted.model_copy(update={"batch_size": fitted.batch_size * devices})


def _fitted_to_one(
    settings: TrainSettings, found: SwapNetwork | None, hardware: Hardware, progress: Progress
) -> TrainSettings:
    if found is None:
        return choose_sizes(settings, hardware, progress.say)
    sizes = {name: value for name, value in found.config().items() if name in NetworkSettings.model_fields}
    network = NetworkSettings() if found.kind == "quick96" else NetworkSettings.model_validate(sizes)
    return choose_batch(settings.model_copy(update={"network": network}), hardware, progress.say)


def _check_same_network(wanted: SwapNetwork, found: SwapNetwork, settings: TrainSettings) -> None:
    if (wanted.kind, wanted.config()) != (found.kind, found.config()):
        differing = [
            f"{key} {found.config().get(key)}"
            for key in wanted.config().keys() | found.config().keys()
            if wanted.config().get(key) != found.config().get(key)
        ]
        article = "an" if found.kind[0] in "aeiou" else "a"
        was = f"{article} {found.kind} network"
        was += f" with {', '.join(sorted(differing))}" if found.kind == wanted.kind else ""
        raise UnderstudyError(f"the model {settings.name} is {was}: keep that, or give another --name")


def check_same_faces(ranks: Ranks, *banks: FaceBank) -> None:
    """Whether every rank has the same faces in the same order; hosts may have disks of their own.

    Raises:
        UnderstudyError: this one has others than the leader.
    """
    here = [hashlib.blake2b(bank.yaw.numpy().tobytes()).hexdigest() for bank in banks]
    for side, wanted, found in zip(SIDES, ranks.led(lambda: here), here, strict=True):
        if wanted != found:
            raise UnderstudyError(
                f"the {side} faces on {platform.node()} are not those on the first host: copy that one's project here"
            )


def _origin(project: Project, settings: TrainSettings, progress: Progress) -> Origin | None:
    """What marks the previews' swaps; None where nothing may be swapped yet."""
    try:
        consent = project.consent()
    except UnderstudyError as error:
        progress.say(f"{error}; until then the previews show no swap")
        return None
    clips = {side: project.clips(side) for side in ("src", "dst")}
    if missing := next((clip for both in clips.values() for clip in both if not clip.exists()), None):
        progress.say(f"{missing} is gone: the previews show no swap, since their credentials name the clips")
        return None
    return Origin(
        project_id=project.id,
        consent=consent,
        src_clips=clips["src"],
        dst_clips=clips["dst"],
        model=settings.name,
        model_sha256="0" * 64,  # each preview has that of its own weights
        settings_sha256=hashlib.sha256(settings.model_dump_json().encode()).hexdigest(),
    )
