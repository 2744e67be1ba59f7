"""The tasks about images, by what is asked of them."""

from radcite.evals.images import cases, labels, refusal, tower, votes
from radcite.evals.images.corruptions import CORRUPTIONS
from radcite.evals.results import goal
from radcite.evals.task import Task

__all__ = ["IMAGE_TASKS"]

_TOWER_PAIRS = tuple(
    ("image encoder", name)
    for name in (
        "classical descriptor",
        "MobileNet v1 as it is",
        "MobileNet v2 as it is",
        "raw 32x32 pixels",
    )
)
_IMAGE_PAIRS = (("similar cases", "raw 32x32 pixels"), ("similar cases", "plain HOG"))

IMAGE_TASKS = (
    Task(
        "cases-brain-mri",
        1,
        "brain MR slices: diagnosis of the most similar case",
        "image",
        cases.brain_mri,
        (goal("similar cases", "1-NN diagnosis", 0.75),),
        _IMAGE_PAIRS,
    ),
    Task(
        "cases-vqarad-organ",
        1,
        "VQA-RAD images: organ of the most similar case",
        "image",
        cases.vqarad_organ,
        (goal("similar cases", "1-NN organ", 0.97),),
        _IMAGE_PAIRS,
    ),
    Task(
        "cases-nih-view",
        1,
        "NIH chest X-rays: view of the most similar case of another patient",
        "patient",
        cases.nih_view,
        (),
        _IMAGE_PAIRS,
    ),
    Task(
        "cases-covid-finding",
        2,
        "chest films and CT slices: finding of the most similar case of another patient",
        "patient",
        cases.covid_finding,
        (),
        _IMAGE_PAIRS,
    ),
    Task(
        "cases-medpix-location",
        1,
        "MedPix images: part of the body of the most similar image of another case",
        "case",
        cases.medpix_location,
        (),
        _IMAGE_PAIRS,
    ),
    Task(
        "images-votes",
        2,
        "labels by the votes of similar images: order, calibration, abstention, conformal sets",
        "patient or image",
        votes.votes,
    ),
    Task(
        "images-nearest",
        1,
        "held-back images: label of the most similar image of another patient",
        "patient, case or image",
        tower.nearest,
        (
            goal("image encoder", "1-NN brain MRI diagnosis", 0.87),
            goal("image encoder", "1-NN VQA-RAD organ", 0.99),
        ),
        _TOWER_PAIRS,
    ),
    Task(
        "images-by-words",
        1,
        "held-back images: modality, body part and view by the nearest wording",
        "patient, case or image",
        tower.words,
        tuple(
            goal(f"by words, {language}", kind, 0.90)
            for kind in ("modality", "body_part", "view")
            for language in ("en", "zh")
        ),
        (("by words, en", "always the commonest"), ("by words, zh", "always the commonest")),
    ),
    Task(
        "images-corrupted",
        1,
        "held-back images with noise, blur, another window, inverted, or as JPEG, among clean ones",
        "patient, case or image",
        tower.corrupted,
        (),
        tuple((name, "clean") for name in CORRUPTIONS),
    ),
    Task(
        "images-labels",
        2,
        "the labels tool on held-back images: right where said, calibration, pneumonia",
        "patient, case or image",
        labels.labels,
        (goal("labels tool", "AUROC pneumonia", 0.90),),
        (("labels tool", "before calibration"),),
    ),
    Task(
        "images-foreign",
        2,
        "pictures that are no radiology get no label",
        "image",
        labels.foreign,
    ),
    Task(
        "images-refused",
        1,
        "images of no kind that a collection holds are refused, and only they",
        "image",
        refusal.refused,
        (goal("its own kind", "refused", 0.05, "most"),),
    ),
)
"""In the order in which they are listed."""
