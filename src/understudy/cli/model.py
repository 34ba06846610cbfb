"""`understudy model ACTION`: the swap networks of a project."""

from understudy.cli.verbs import Entry

VERBS = {
    "list": Entry("model_list", "the project's models: kind, sizes, iterations"),
    "import": Entry("model_import", "bring in a model of DeepFaceLab, to merge with it or to train it on"),
    "export": Entry("model_export", "write a model for DeepFaceLab"),
}
