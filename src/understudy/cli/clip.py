"""`understudy clip ACTION`: what can be done with a clip before its faces are looked for."""

from understudy.cli.verbs import Entry

VERBS = {
    "probe": Entry("clip_probe", "what is in a file: frames, rate, size, depth, colour, sound"),
    "cut": Entry("clip_cut", "a part of a clip, to the frame"),
    "frames": Entry("clip_frames", "the frames of a clip as pictures"),
    "join": Entry("clip_join", "clips and folders of pictures, one after another, as one clip"),
    "denoise": Entry("clip_denoise", "a clip with less noise"),
    "shots": Entry("clip_shots", "where a clip cuts from one shot to the next"),
}
