"""Faces for frames in which a face was lost for a moment."""

from understudy.faces.interpolation import interpolate_faces
from understudy.facesets.face_writer import FaceWriter, free_face_name
from understudy.facesets.faceset import Faceset
from understudy.facesets.gaps import find_gaps, holds_cut
from understudy.project import Progress


def fill_gaps(writer: FaceWriter, longest: int, progress: Progress) -> int:
    """Place faces in frames in which a face was lost for at most `longest` frames; how many there are now.

    A face that is lost and one that is found a little later, near by and in the same shot, are taken for one. Its
    frames between get faces that say that they are interpolated. Filling twice fills no more.
    """
    faceset = Faceset(writer.folder)
    columns = faceset.columns("frame", "track", "interpolated")
    rows = list(zip(*(column.astype(int).tolist() for column in columns.values()), strict=True))
    done = {(frame, track) for frame, track, made in rows if made}
    seen = {frame for frame, _, made in rows if not made}
    gaps = find_gaps(faceset, longest)
    taken = set(faceset.names)
    progress.begin(f"fill gaps {writer.side}", len(gaps))
    for gap in gaps:
        progress.advance(1)
        track = gap.before[-1].metadata.track
        lacking = [index for index in gap.frames if (index, track) not in done]
        frames = list(writer.source.frames(gap.frames.start - 1, gap.frames.stop + 1)) if lacking else []
        if not frames or holds_cut(frames):
            continue
        before, after = (
            [(file.metadata.source.time, file.metadata.face()) for file in side] for side in (gap.before, gap.after)
        )
        faces = interpolate_faces(before, after, [float(frame.time) for frame in frames[1:-1]])
        for frame, face in zip(frames[1:-1], faces, strict=True):
            if (frame.index, track) not in done:
                name = free_face_name(frame.index, writer.suffix, taken)
                taken.add(name)
                writer.write_face(frame, face, name)
                if frame.index not in seen:
                    writer.draw(frame, [face])
                done.add((frame.index, track))
    return len(done)
