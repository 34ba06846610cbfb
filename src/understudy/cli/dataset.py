"""`understudy dataset ACTION`: data sets for research on detecting forgeries."""

from understudy.cli.verbs import Entry

VERBS = {"export": Entry("dataset_export", "real and fake pairs with masks, boxes, landmarks and labels")}
