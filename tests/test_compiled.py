import json
import random
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from rag.index.compiled import Card, CompiledEncoder
from rag.index.encoder import SentenceEncoder
from rag.index.weights import DEFAULT_SHA256

CORPUS = Path(__file__).parent.parent / "corpus"
QUESTION = "What share of new vehicle sales should be electric by 2030?"
ALPHABETS = (
    "abcdefghijklmnopqrstuvwxyz",
    "äöüßéèñçøåœ",
    "абвгдежзийклмнопрстуфхцчшщъыьэюя",
    "αβγδεζηθικλμνξοπρστυφχψω",
    "東京日本語中文漢字你好世界",
    "ひらがなカタカナ",
    "한국어문장서울",
    "العربيةلغةجميلة",
    "עבריתשפה",
    "हिन्दीभाषा",
    "🙂🚀👩‍💻🇩🇪👍🏽🎉",
    "0123456789.,%€$",
    "(){}[]<>=+-*/_;:'\"\\\n\t",
)


def varied_texts(n: int, *, seed: int = 20) -> list[str]:
    """Real sentences, and words drawn from many scripts; some far longer than the model sees."""
    rng = random.Random(seed)
    articles = " ".join(path.read_text(encoding="utf-8") for path in sorted(CORPUS.glob("*.md")))
    texts = ["", " ", "\n", "\x00", "a", "def f(x):\n    return [y**2 for y in x if y != 0]\n"]
    texts += [articles, "word " * 400, "x" * 5000, "𝔘𝔫𝔦𝔠𝔬𝔡𝔢", "é" * 300, "\u202eabc\u202c"]
    texts += articles.replace("\n", " ").split(". ")
    while len(texts) < n:
        letters = "".join(rng.choices(ALPHABETS, k=rng.randint(1, 2)))
        n_words = 200 if len(texts) % 40 == 0 else rng.randint(1, 8)
        words = ("".join(rng.choices(letters, k=rng.randint(1, 9))) for _ in range(n_words))
        texts.append(" ".join(words))
    return texts[:n]


@pytest.fixture(scope="module")
def compiled(encoder: CompiledEncoder) -> CompiledEncoder:
    return encoder


def test_the_compiled_encoder_says_what_it_was_made_from(compiled: CompiledEncoder) -> None:
    assert compiled.name == "all-MiniLM-L6-v2"
    assert compiled.weights_sha256 == DEFAULT_SHA256
    assert (compiled.dimension, compiled.max_tokens) == (384, 256)


@pytest.mark.slow
def test_it_agrees_with_the_reference_on_600_varied_texts(
    compiled: CompiledEncoder, reference: SentenceEncoder
) -> None:
    texts = varied_texts(600)
    expected = reference.encode_passages(texts)
    assert (compiled.encode_passages(texts) * expected).sum(axis=1).min() >= 0.999
    assert compiled.count_tokens(texts) == reference.count_tokens(texts)
    assert max(compiled.count_tokens(texts)) > 4 * compiled.max_tokens


def test_token_vectors_agree_with_the_reference(
    compiled: CompiledEncoder, reference: SentenceEncoder
) -> None:
    texts = varied_texts(40)
    pairs = zip(compiled.embed_tokens(texts), reference.embed_tokens(texts), strict=True)
    for (found, found_offsets), (expected, expected_offsets) in pairs:
        assert found_offsets == expected_offsets
        assert found.shape == expected.shape
        assert (found * expected).sum(axis=1).min(initial=1) >= 0.99  # one token, in bf16


def test_vectors_are_unit_rows_of_float32(compiled: CompiledEncoder) -> None:
    vectors = compiled.encode_queries(["", "one", "two words"])
    assert vectors.shape == (3, 384)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-6)


def test_a_paraphrase_is_nearer_than_another_subject(compiled: CompiledEncoder) -> None:
    text, paraphrase, other = compiled.encode_passages(
        ["The weather is lovely today.", "It's so sunny outside!", "He drove to the stadium."]
    )
    assert text @ paraphrase == pytest.approx(0.6660, abs=0.01)  # published, in 32 bits
    assert text @ other == pytest.approx(0.1046, abs=0.01)


def test_no_texts_have_no_vectors(compiled: CompiledEncoder) -> None:
    assert compiled.encode_queries([]).shape == (0, 384)
    assert compiled.encode_passages([]).shape == (0, 384)
    assert compiled.embed_tokens([]) == []
    assert compiled.count_tokens([]) == []


def test_a_text_has_the_same_vector_in_any_company(compiled: CompiledEncoder) -> None:
    texts = varied_texts(100)
    together = compiled.encode_passages(texts)
    alone = np.concatenate([compiled.encode_passages([text]) for text in texts])
    assert (together * alone).sum(axis=1).min() >= 0.9995


def test_a_text_is_cut_exactly_where_its_tokens_are_more_than_the_model_sees(
    compiled: CompiledEncoder,
) -> None:
    whole, longer = "cat " * 254, "cat " * 254 + "volcano eruption"
    assert compiled.count_tokens([whole, longer]) == [256, 258]
    a, b, c = compiled.encode_passages([whole, longer, "cat " * 253 + "volcano"])
    assert a @ b > 0.9999
    assert a @ c < 0.9999


def test_a_lone_surrogate_is_encoded_as_a_question_mark(compiled: CompiledEncoder) -> None:
    found, expected = compiled.encode_queries(["a \ud83d b"]), compiled.encode_queries(["a ? b"])
    np.testing.assert_array_equal(found, expected)


def test_tokens_come_with_the_characters_that_they_stand_for(compiled: CompiledEncoder) -> None:
    text = "Naïve cats, 東京!"
    (_, offsets), (none, nowhere) = compiled.embed_tokens([text, ""])
    assert [text[start:end] for start, end in offsets] == ["Naïve", "cats", ",", "東", "京", "!"]
    assert (none.shape, nowhere) == ((0, 384), [])


def test_threads_share_an_encoder(compiled: CompiledEncoder) -> None:
    texts = [[text, QUESTION] for text in varied_texts(24)]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(compiled.encode_passages, texts))
    for one, found in zip(texts, together, strict=True):
        np.testing.assert_allclose(found, compiled.encode_passages(one), atol=1e-6)


def test_a_folder_without_an_encoder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="must hold a whole compiled encoder, got"):
        CompiledEncoder.from_folder(tmp_path / "nothing")


def test_a_card_is_read_as_it_was_written(tmp_path: Path) -> None:
    card = Card("n", "w", "s", 384, 256, "query: ", "", "bf16", {"openvino": "2026.4"})
    card.write(tmp_path)
    assert Card.read(tmp_path) == card


def test_it_starts_without_torch_and_tells_nobody(
    models: Path, tmp_path: Path, compiled: CompiledEncoder
) -> None:
    script = f"""
import json, sys
from pathlib import Path
from rag.index.compiler import load_encoder
encoder, notices = load_encoder(cache=Path({str(models / "encoder")!r}))
vector = encoder.encode_queries([{QUESTION!r}])[0]
encoder.embed_tokens(["text"])
packages = sorted({{name.partition(".")[0] for name in sys.modules}})
packages += [name for name in sys.modules if name == "openvino.tools.ovc"]
print(json.dumps([type(encoder).__name__, notices, packages, vector.tolist()]))
"""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", script],
        capture_output=True,
        check=True,
        env={"HOME": str(tmp_path)},
    )
    kind, notices, packages, vector = json.loads(done.stdout)
    assert (kind, notices, done.stderr) == ("CompiledEncoder", [], b"")
    heavy = {"torch", "transformers", "sentence_transformers", "gradio", "tiktoken"}
    heavy |= {"openvino_telemetry", "openvino.tools.ovc"}
    assert {"openvino", "tokenizers"} <= set(packages) - heavy == set(packages)
    assert list(tmp_path.iterdir()) == []  # OpenVINO's telemetry would keep an identifier here
    np.testing.assert_allclose(vector, compiled.encode_queries([QUESTION])[0], atol=1e-6)
