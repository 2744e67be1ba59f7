"""A tiny image model in the shipped model's form: it sees how bright an image is."""

from pathlib import Path

import numpy as np

from radcite.backends.images.convolutional_graph import Projection, image_graph
from radcite.backends.images.onnx import ImageHead, ImageModelCard
from radcite.backends.images.tflite_weights import Layer

__all__ = ["write_image_model"]

TEXT_DIM = 8


def write_image_model(folder: Path, text_encoder: str = "hashing/8") -> Path:
    """A network of one convolution and the mean; bright images are XR of the chest, dark ones MR of the head.

    What is black all over has the lowest domain score.
    """
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(0)
    kernel = (np.abs(rng.normal(size=(6, 3, 3, 3))) / 20).astype(np.float32)
    layers = [
        Layer("conv", (0,), 1, kernel, np.full(6, 2, np.float32), 2, bounded=True),
        Layer("mean", (1,), 2),
    ]
    brightness = np.ones((6, 1), dtype=np.float32)
    zero = np.zeros(1, dtype=np.float32)
    bright = np.concatenate([-brightness, brightness, -brightness, brightness], axis=1)
    middle = np.array([12, -12, 12, -12], dtype=np.float32)
    model = image_graph(
        layers,
        (),
        {
            "embedding": Projection(
                rng.normal(size=(6, 5)).astype(np.float32), np.ones(5, np.float32)
            ),
            "labels": Projection(
                np.concatenate([bright, np.zeros((6, 2), np.float32)], axis=1),
                np.concatenate([middle, np.array([5, 0], np.float32)]),
            ),
            "domain": Projection(brightness, zero),
        },
    )
    (folder / "model.onnx").write_bytes(model.SerializeToString())
    np.save(folder / "text.npy", rng.normal(size=(TEXT_DIM + 1, 5)).astype(np.float16))
    card = ImageModelCard(
        name="small",
        side=224,
        heads={
            "modality": ImageHead(kind="modality", values=("MR", "XR"), sharpness=2, least=0.9),
            "body_part": ImageHead(
                kind="body_part", values=("HEAD", "CHEST"), sharpness=2, least=0.9
            ),
            "chest": ImageHead(
                kind="finding",
                values=("pneumonia", "no chest finding"),
                sharpness=1,
                least=0.9,
                within={"pneumonia": {"modality": "XR", "body_part": "CHEST"}},
            ),
        },
        text_encoder=text_encoder,
        least_domain=7.0,
    )
    (folder / "radcite.json").write_text(card.model_dump_json(), "utf-8")
    return folder
