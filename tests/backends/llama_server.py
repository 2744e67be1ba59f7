"""llama.cpp's server over a tiny model of random weights: real protocol, meaningless words.

A program of its own, `llama_server.py MODEL CONTEXT`, so that a crash of the server fails a test
and not the run. It prints the API's address once it listens.
"""

import sys
from pathlib import Path

import gguf
import numpy as np
import xllamacpp

_WIDTH, _HIDDEN, _HEADS, _BLOCKS = 32, 64, 2, 1
_TEMPLATE = "{% for m in messages %}<{{ m.role }}>{{ m.content }}{% endfor %}<assistant>"


def write_model(path: Path, context: int) -> None:
    """Writes a one-block llama with byte tokens (115 KB) whose weights are random but fixed."""
    tokens = ["<unk>", "<s>", "</s>", *(f"<0x{byte:02X}>" for byte in range(256))]
    kinds = [gguf.TokenType.UNKNOWN, *[gguf.TokenType.CONTROL] * 2, *[gguf.TokenType.BYTE] * 256]
    writer = gguf.GGUFWriter(str(path), "llama")
    writer.add_context_length(context)
    writer.add_embedding_length(_WIDTH)
    writer.add_block_count(_BLOCKS)
    writer.add_feed_forward_length(_HIDDEN)
    writer.add_head_count(_HEADS)
    writer.add_head_count_kv(_HEADS)
    writer.add_rope_dimension_count(_WIDTH // _HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_vocab_size(len(tokens))
    writer.add_tokenizer_model("llama")
    writer.add_token_list(tokens)
    writer.add_token_scores([0.0] * len(tokens))
    writer.add_token_types([int(kind) for kind in kinds])
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_unk_token_id(0)
    writer.add_chat_template(_TEMPLATE)
    for name, shape in _shapes(len(tokens)).items():
        writer.add_tensor(name, _weights(name, shape))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _shapes(vocabulary: int) -> dict[str, tuple[int, ...]]:
    square, up, down = (_WIDTH, _WIDTH), (_HIDDEN, _WIDTH), (_WIDTH, _HIDDEN)
    shapes: dict[str, tuple[int, ...]] = {
        "token_embd.weight": (vocabulary, _WIDTH),
        "output_norm.weight": (_WIDTH,),
        "output.weight": (vocabulary, _WIDTH),
    }
    for block in range(_BLOCKS):
        for part in ("attn_q", "attn_k", "attn_v", "attn_output"):
            shapes[f"blk.{block}.{part}.weight"] = square
        shapes[f"blk.{block}.attn_norm.weight"] = (_WIDTH,)
        shapes[f"blk.{block}.ffn_norm.weight"] = (_WIDTH,)
        shapes[f"blk.{block}.ffn_gate.weight"] = up
        shapes[f"blk.{block}.ffn_up.weight"] = up
        shapes[f"blk.{block}.ffn_down.weight"] = down
    return shapes


def _weights(name: str, shape: tuple[int, ...]) -> np.typing.NDArray[np.float32]:
    if len(shape) == 1:
        return np.ones(shape, dtype=np.float32)
    draw = np.random.default_rng(sum(name.encode()))
    return draw.normal(0.0, 0.3, shape).astype(np.float32)


def serve(model: Path, context: int) -> xllamacpp.Server:
    """Starts the server on a free loopback port; it stops when the object is freed."""
    params = xllamacpp.CommonParams()
    params.model.path = str(model)
    params.n_ctx = context
    params.n_parallel = 1
    params.warmup = False
    params.n_gpu_layers = 0
    params.cpuparams.n_threads = 1
    params.cpuparams_batch.n_threads = 1
    params.port = 0
    params.use_jinja = True
    params.verbosity = 0
    return xllamacpp.Server(params)


def main() -> None:
    """Serves with the context of `argv[2]` tokens from `argv[1]` and stays until its input ends."""
    model, context = Path(sys.argv[1]), int(sys.argv[2])
    write_model(model, context)
    server = serve(model, context)
    print(f"{server.listening_address}/v1", flush=True)  # noqa: T201 - the fixture reads it
    sys.stdin.read()


if __name__ == "__main__":
    main()
