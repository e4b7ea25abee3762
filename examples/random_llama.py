"""
A language model that knows nothing: llama.cpp's own server with random weights, made on the spot.

It is the guide that hallucinates most. A grammar forces its answers into the protocol, so it says
valid things without any meaning, over real HTTP, without a key and without a download::

    pip install gguf xllamacpp
    python examples/random_llama.py 8089 &
    guiderail run --guide examples/random_llama.toml --story
"""

import contextlib
import sys
import tempfile
import threading
from pathlib import Path

import numpy as np
from gguf import GGUFWriter, TokenType

LAYERS, WIDTH, HEADS, INNER, CONTEXT = 2, 64, 4, 128, 16_384
SPREAD = 0.05
TEMPLATE = "{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}assistant: "


def write_model(path: Path, seed: int = 1) -> None:
    """Write a model of half a megabyte: llama's architecture, a byte-level vocabulary, noise."""
    tokens, kinds = vocabulary()
    writer = GGUFWriter(path, "llama")
    writer.add_name("random")
    writer.add_context_length(CONTEXT)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(LAYERS)
    writer.add_feed_forward_length(INNER)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(HEADS)
    writer.add_rope_dimension_count(WIDTH // HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_vocab_size(len(tokens))
    writer.add_tokenizer_model("llama")
    writer.add_token_list(tokens)
    writer.add_token_scores([-float(k) for k in range(len(tokens))])
    writer.add_token_types(kinds)
    writer.add_unk_token_id(0)
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_chat_template(TEMPLATE)
    for name, array in weights(len(tokens), seed).items():
        writer.add_tensor(name, array)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def vocabulary() -> tuple[list[bytes], list[int]]:
    """Three special tokens, all bytes, printable ASCII and the mark of a blank."""
    special = [b"<unk>", b"<s>", b"</s>"]
    kinds = [TokenType.UNKNOWN, TokenType.CONTROL, TokenType.CONTROL]
    letters = [bytes([code]) for code in range(33, 127)] + ["\u2581".encode()]
    tokens = special + [b"<0x%02X>" % code for code in range(256)] + letters
    return tokens, [*kinds, *[TokenType.BYTE] * 256, *[TokenType.NORMAL] * len(letters)]


def weights(count: int, seed: int) -> dict[str, np.ndarray]:
    """Random matrices of the right shapes."""
    draw = np.random.default_rng(seed)

    def noise(*shape: int) -> np.ndarray:
        return (draw.standard_normal(shape) * SPREAD).astype(np.float32)

    tensors = {"token_embd.weight": noise(count, WIDTH), "output.weight": noise(count, WIDTH)}
    tensors["output_norm.weight"] = np.ones(WIDTH, dtype=np.float32)
    for layer in range(LAYERS):
        for name in ("attn_q", "attn_k", "attn_v", "attn_output"):
            tensors[f"blk.{layer}.{name}.weight"] = noise(WIDTH, WIDTH)
        for name in ("ffn_gate", "ffn_up"):
            tensors[f"blk.{layer}.{name}.weight"] = noise(INNER, WIDTH)
        tensors[f"blk.{layer}.ffn_down.weight"] = noise(WIDTH, INNER)
        for name in ("attn_norm", "ffn_norm"):
            tensors[f"blk.{layer}.{name}.weight"] = np.ones(WIDTH, dtype=np.float32)
    return tensors


def serve(port: int) -> None:
    """Serve the model on this machine until the input ends or somebody interrupts."""
    import xllamacpp  # noqa: PLC0415  writing a model needs no server

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "random.gguf"
        write_model(path)
        params = xllamacpp.CommonParams()
        params.model.path = str(path)
        params.model_alias = {"random"}
        params.hostnames = ["127.0.0.1"]
        params.port = port
        params.n_ctx = CONTEXT
        params.n_parallel = 1
        params.warmup = False
        params.cpuparams.n_threads = params.cpuparams_batch.n_threads = 1
        params.sampling.temp = 1.5
        params.sampling.seed = 1
        server = xllamacpp.Server(params)
        print(server.listening_address, flush=True)
        with contextlib.suppress(KeyboardInterrupt):
            threading.Event().wait() if sys.stdin.isatty() else sys.stdin.read()


if __name__ == "__main__":
    serve(int(sys.argv[1]) if len(sys.argv) > 1 else 8089)
