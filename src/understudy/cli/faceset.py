"""`understudy faceset ACTION`: what can be done with a folder of aligned faces."""

from understudy.cli.verbs import Entry

VERBS = {
    "list": Entry("faceset_list", "list faces by a condition, in any order, with what was measured of them"),
    "sort": Entry("faceset_sort", "bring a faceset into an order by renaming its files, or list it in that order"),
    "rename": Entry("faceset_rename", "number the files of a faceset, or give them back their first names"),
    "merge": Entry("faceset_merge", "bring the faces of other folders into a faceset"),
    "trash": Entry("faceset_trash", "move faces to the trash beside the faceset, with the reason"),
    "restore": Entry("faceset_restore", "bring faces back from the trash"),
    "report": Entry("faceset_report", "what dst needs and src lacks, as a page with pictures"),
    "select": Entry("faceset_select", "keep the src faces that cover dst best"),
    "persons": Entry("faceset_persons", "who is in a faceset; keep some of them"),
    "like": Entry("faceset_like", "keep the faces of the person in a picture"),
    "duplicates": Entry("faceset_duplicates", "keep the sharpest of faces that are nearly the same"),
    "index": Entry("faceset_index", "measure new faces now rather than when they are first asked for"),
    "import": Entry("faceset_import", "bring in a faceset of DeepFaceLab or faceswap"),
    "export": Entry("faceset_export", "write a faceset for DeepFaceLab"),
    "pack": Entry("faceset_pack", "put a faceset into one file"),
    "unpack": Entry("faceset_unpack", "take the files out of a pack"),
    "resize": Entry("faceset_resize", "another size or face type, cut from the frames where these are there"),
    "convert": Entry("faceset_convert", "another picture format"),
    "enhance": Entry("faceset_enhance", "undo the blur of lens and enlargement"),
    "metadata-save": Entry("faceset_metadata_save", "keep what the files say while an editor strips it"),
    "metadata-restore": Entry("faceset_metadata_restore", "give it back to them"),
    "debug": Entry("faceset_debug", "draw landmarks, polygons and masks on copies of the faces"),
    "landmarks": Entry("faceset_landmarks", "write the landmarks of all faces to a JSON file"),
    "stats": Entry("faceset_stats", "count what a faceset consists of"),
}
