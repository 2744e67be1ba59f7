"""Randomly initialised models of BiomedCLIP's form, loaded from folders as BiomedCLIP's would be."""

import importlib.util
import json
from pathlib import Path
from typing import Any

import pytest

from radcite.backends.images.open_clip import OpenClipEncoder, declare_torchvision_operators
from radcite.core.errors import RadciteError
from tests.contracts.image_encoder import TEXTS, ImageEncoderContract, pictures

INSTALLED = all(importlib.util.find_spec(name) for name in ("torch", "open_clip", "transformers"))
needs_vision = [
    pytest.mark.extras,
    pytest.mark.skipif(not INSTALLED, reason="the extra `vision` is not installed"),
    pytest.mark.filterwarnings("default"),
]

PLAIN: dict[str, Any] = {
    "embed_dim": 32,
    "vision_cfg": {"image_size": 32, "layers": 1, "width": 64, "head_width": 32, "patch_size": 16},
    "text_cfg": {"context_length": 77, "vocab_size": 49408, "width": 32, "heads": 2, "layers": 1},
}
BIOMEDICAL: dict[str, Any] = {
    "embed_dim": 48,
    "vision_cfg": {
        "timm_model_name": "vit_tiny_patch16_224",
        "timm_proj": "linear",
        "image_size": 224,
    },
    "text_cfg": {
        "hf_model_name": "nobody/a-model-that-is-not-on-the-hub",
        "hf_tokenizer_name": "nobody/a-model-that-is-not-on-the-hub",
        "hf_proj_type": "mlp",
        "hf_pooler_type": "cls_last_hidden_state_pooler",
        "context_length": 32,
    },
}
BERT = {
    "model_type": "bert",
    "architectures": ["BertModel"],
    "vocab_size": 40,
    "hidden_size": 32,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
    "intermediate_size": 64,
    "max_position_embeddings": 64,
    "pad_token_id": 0,
    "initializer_range": 0.5,
}
WORDS = "[PAD] [UNK] [CLS] [SEP] [MASK] a an chest radiograph axial brain mri"


def write_plain(folder: Path, seed: int = 0) -> Path:
    _write_config(folder, PLAIN)
    from safetensors.torch import save_file

    save_file(_random_weights(folder, seed), folder / "open_clip_model.safetensors")
    return folder


def _write_biomedical(folder: Path) -> Path:
    import torch

    _write_config(folder, BIOMEDICAL)
    (folder / "config.json").write_text(json.dumps(BERT), encoding="utf-8")
    (folder / "vocab.txt").write_text("\n".join(WORDS.split()), encoding="utf-8")
    (folder / "tokenizer_config.json").write_text(
        json.dumps({"tokenizer_class": "BertTokenizer", "do_lower_case": True}), encoding="utf-8"
    )
    local = {**BIOMEDICAL["text_cfg"], "hf_model_name": str(folder)}
    weights = _random_weights(folder, text_cfg={**local, "hf_model_pretrained": False})
    torch.save(weights, folder / "open_clip_pytorch_model.bin")
    return folder


def _write_config(folder: Path, model: dict[str, Any]) -> None:
    statistics = {"mean": [0.48, 0.46, 0.41], "std": [0.27, 0.26, 0.28]}
    config = {"model_cfg": model, "preprocess_cfg": statistics}
    (folder / "open_clip_config.json").write_text(json.dumps(config), encoding="utf-8")


def _random_weights(folder: Path, seed: int = 0, **overrides: object) -> dict[str, Any]:
    declare_torchvision_operators()
    import open_clip
    import torch

    torch.manual_seed(seed)
    model = open_clip.create_model(f"local-dir:{folder}", load_weights=False, **overrides)
    return {name: tensor.contiguous() for name, tensor in model.state_dict().items()}


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_plain(tmp_path_factory.mktemp("plain"))


@pytest.fixture(scope="module")
def biomedical(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _write_biomedical(tmp_path_factory.mktemp("biomedical"))


@pytest.fixture(scope="module")
def biomedical_encoder(biomedical: Path) -> OpenClipEncoder:
    return OpenClipEncoder(str(biomedical))


class _Contract(ImageEncoderContract):
    least_cosine = 1 - 1e-5


class TestPlainContract(_Contract):
    pytestmark = needs_vision

    @pytest.fixture
    def encoder(self, plain: Path) -> OpenClipEncoder:
        return OpenClipEncoder(str(plain))


class TestBiomedicalContract(_Contract):
    pytestmark = needs_vision

    @pytest.fixture
    def encoder(self, biomedical_encoder: OpenClipEncoder) -> OpenClipEncoder:
        return biomedical_encoder


class TestFolder:
    pytestmark = needs_vision

    async def test_both_towers_share_a_space(self, biomedical_encoder: OpenClipEncoder) -> None:
        encoder = biomedical_encoder
        images, texts = await encoder.encode(pictures()), await encoder.encode_text(TEXTS)
        assert images.shape[1] == texts.shape[1] == encoder.dim == 48
        assert float(texts[0] @ texts[1]) < 0.9999

    async def test_vectors_are_those_of_open_clip_itself(self, plain: Path) -> None:
        import open_clip
        import torch
        from PIL import Image

        model, transform = open_clip.create_model_from_pretrained(f"local-dir:{plain}")
        model.eval()
        with torch.inference_mode():
            image = transform(Image.fromarray(pictures()[2])).unsqueeze(0)
            expected = model.encode_image(image, normalize=True).numpy()
            text = open_clip.get_tokenizer(f"local-dir:{plain}")(TEXTS[:1])
            expected_text = model.encode_text(text, normalize=True).numpy()
        encoder = OpenClipEncoder(str(plain))
        assert await encoder.encode(pictures()[2:3]) == pytest.approx(expected, abs=1e-5)
        assert await encoder.encode_text(TEXTS[:1]) == pytest.approx(expected_text, abs=1e-5)

    async def test_more_images_than_one_batch_keep_their_order(self, plain: Path) -> None:
        encoder = OpenClipEncoder(str(plain))
        images = pictures() * 6
        vectors = await encoder.encode(images)
        assert vectors[: len(pictures())] == pytest.approx(vectors[-len(pictures()) :], abs=1e-4)

    def test_other_weights_are_another_fingerprint(self, plain: Path, tmp_path: Path) -> None:
        other = tmp_path / plain.name
        other.mkdir()
        write_plain(other, seed=1)
        first, second = OpenClipEncoder(str(plain)), OpenClipEncoder(str(other))
        assert first.fingerprint == OpenClipEncoder(str(plain)).fingerprint != second.fingerprint
        assert str(plain.parent) not in first.fingerprint

    async def test_weights_that_are_not_finite_are_noticed(self, tmp_path: Path) -> None:
        from safetensors.torch import save_file

        write_plain(tmp_path)
        weights = _random_weights(tmp_path)
        broken = {
            name: each * float("nan") for name, each in weights.items() if each.is_floating_point()
        }
        save_file({**weights, **broken}, tmp_path / "open_clip_model.safetensors")
        with pytest.raises(RadciteError) as caught:
            await OpenClipEncoder(str(tmp_path)).encode(pictures())
        assert caught.value.code == "EMBEDDING_INVALID"

    def test_a_folder_without_weights_cannot_be_loaded(self, tmp_path: Path) -> None:
        _write_config(tmp_path, PLAIN)
        with pytest.raises(RadciteError) as caught:
            OpenClipEncoder(str(tmp_path))
        assert caught.value.code == "CONFIG_INVALID"
        assert str(tmp_path) not in str(caught.value)

    def test_a_folder_without_a_configuration_is_not_found(self, tmp_path: Path) -> None:
        with pytest.raises(RadciteError) as caught:
            OpenClipEncoder(str(tmp_path))
        assert caught.value.code == "NOT_FOUND"


@pytest.mark.skipif(INSTALLED, reason="the extra `vision` is installed")
def test_without_the_extra_its_name_is_given(tmp_path: Path) -> None:
    with pytest.raises(RadciteError, match="`vision`") as caught:
        OpenClipEncoder(str(tmp_path))
    assert caught.value.code == "MISSING_EXTRA"
