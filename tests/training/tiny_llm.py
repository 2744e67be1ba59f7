"""A tiny causal language model with random weights, its tokenizer and chat template, and records for it."""

import json
from pathlib import Path
from typing import Any

from radcite.training.llm.grounded import GroundedRecord, messages_of

TEMPLATE = (
    "{% for m in messages %}<|{{ m['role'] }}|>{{ m['content'] }}</s>{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>{% endif %}"
)


def record(number: int, **more: Any) -> dict[str, Any]:
    """Case `number` of a finding; every third one's evidence does not answer."""
    size = 3 + number % 7
    text = f"The nodule of record {number} measured {size} mm."
    answered = number % 3 > 0
    claim = {
        "citations": [{"evidence": "E2", "quote": text}],
        "about": "literature",
        "text": text,
    }
    made = {
        "id": f"r{number}",
        "unit": f"document-{number}",
        "language": "en",
        "question": f"How large was the nodule of record {number}?",
        "evidence": [
            {"text": "The pleura is smooth.", "title": "Pleura"},
            {"text": text if answered else "No nodule was looked for."},
        ],
        "claims": [claim] if answered else [],
        "licence": "CC0",
    }
    return made | more


def write_records(path: Path, count: int = 40) -> Path:
    path.write_text("".join(json.dumps(record(n)) + "\n" for n in range(count)), "utf-8")
    return path


def write_model(folder: Path, template: str | None = TEMPLATE) -> Path:
    """A Llama of two layers, as `save_pretrained` writes any other."""
    import torch
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=700,
        special_tokens=["<pad>", "</s>", "<|system|>", "<|user|>", "<|assistant|>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    texts = [
        message.content
        for number in range(4)
        for message in messages_of(GroundedRecord.model_validate(record(number)))
    ]
    tokenizer.train_from_iterator(texts, trainer)
    fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer)
    fast.add_special_tokens({"eos_token": "</s>", "pad_token": "<pad>"})
    fast.chat_template = template
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=len(fast),
        hidden_size=32,
        intermediate_size=48,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=2048,
        eos_token_id=fast.eos_token_id,
        pad_token_id=fast.pad_token_id,
        bos_token_id=None,
    )
    model = LlamaForCausalLM(config)
    model.save_pretrained(folder)
    fast.save_pretrained(folder)
    return folder
