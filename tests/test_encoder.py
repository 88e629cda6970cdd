from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from rag.index.encoder import SentenceEncoder, unit_rows
from rag.index.weights import DEFAULT_SHA256

MakeModel = Callable[..., Path]


def test_the_default_encoder_says_what_it_is(reference: SentenceEncoder) -> None:
    assert reference.name == "all-MiniLM-L6-v2"
    assert reference.weights_sha256 == DEFAULT_SHA256
    assert (reference.dimension, reference.max_tokens) == (384, 256)


def test_the_published_example_of_the_default_model_comes_out(reference: SentenceEncoder) -> None:
    # Sentences and similarities of the first page of the sentence-transformers documentation.
    vectors = reference.encode_passages(
        ["The weather is lovely today.", "It's so sunny outside!", "He drove to the stadium."]
    )
    expected = [[1.0, 0.6660, 0.1046], [0.6660, 1.0, 0.1411], [0.1046, 0.1411, 1.0]]
    np.testing.assert_allclose(vectors @ vectors.T, expected, atol=1e-4)


def test_vectors_are_unit_rows_of_float32(reference: SentenceEncoder) -> None:
    vectors = reference.encode_queries(["", "one", "two words"])
    assert vectors.shape == (3, 384)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-6)


def test_no_texts_have_no_vectors(reference: SentenceEncoder) -> None:
    assert reference.encode_queries([]).shape == (0, 384)
    assert reference.encode_passages([]).shape == (0, 384)
    assert reference.embed_tokens([]) == []
    assert reference.count_tokens([]) == []


def test_a_lone_surrogate_is_encoded_as_a_question_mark(reference: SentenceEncoder) -> None:
    found, expected = reference.encode_queries(["a \ud83d b"]), reference.encode_queries(["a ? b"])
    np.testing.assert_array_equal(found, expected)


def test_tokens_come_with_the_characters_that_they_stand_for(reference: SentenceEncoder) -> None:
    (vectors, offsets), (none, nowhere) = reference.embed_tokens(["Naïve cats, 東京!", ""])
    text = "Naïve cats, 東京!"
    assert [text[start:end] for start, end in offsets] == [
        *("Naïve", "cats", ",", "東", "京", "!"),
    ]
    assert vectors.shape == (6, 384)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-6)
    assert (none.shape, nowhere) == ((0, 384), [])


def test_threads_share_an_encoder(make_model: MakeModel) -> None:
    encoder = SentenceEncoder(str(make_model()))
    texts = [["the cat sat " * n, "good"] for n in range(1, 9)]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(encoder.encode_passages, texts))
    for one, found in zip(texts, together, strict=True):
        np.testing.assert_allclose(found, encoder.encode_passages(one), atol=1e-6)


def test_prompts_stand_before_the_text(make_model: MakeModel) -> None:
    plain = SentenceEncoder(str(make_model("plain")))
    prompts = {"query": "query : ", "document": "passage : "}
    prompted = SentenceEncoder(str(make_model("prompted", prompts=prompts)))
    for encode, expected in (
        (prompted.encode_queries, plain.encode_queries(["query : the cat"])),
        (prompted.encode_passages, plain.encode_queries(["passage : the cat"])),
    ):
        np.testing.assert_allclose(encode(["the cat"]), expected, atol=1e-6)
    assert prompted.count_tokens(["the cat"]) == [6]


def test_a_prompt_for_passages_is_found_under_its_other_name(make_model: MakeModel) -> None:
    folder = make_model(prompts={"query": "query : ", "passage": "passage : "})
    assert SentenceEncoder(str(folder)).passage_prompt == "passage : "


def test_vectors_are_cut_to_the_dimension_of_the_configuration(make_model: MakeModel) -> None:
    whole = SentenceEncoder(str(make_model("whole")))
    cut = SentenceEncoder(str(make_model("cut", truncate_dim=8)))
    assert cut.dimension == 8
    expected = unit_rows(whole.encode_passages(["the cat"])[:, :8])
    np.testing.assert_allclose(cut.encode_passages(["the cat"]), expected, atol=1e-6)


def test_a_vector_that_is_not_a_number_is_never_returned(make_model: MakeModel) -> None:
    from safetensors.torch import load_file, save_file

    folder = make_model()
    weights = load_file(folder / "model.safetensors")
    weights["encoder.layer.0.output.dense.bias"][3] = float("nan")
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(ValueError, match="vectors must be finite and not zero, got one of length"):
        SentenceEncoder(str(folder))


@pytest.mark.parametrize("bad", [0.0, np.nan, np.inf])
def test_a_row_without_a_direction_is_refused(bad: float) -> None:
    with pytest.raises(ValueError, match=r"got one of length \S+ in row 1"):
        unit_rows(np.array([[3, 4], [bad, 0]], dtype=np.float32))
    assert unit_rows(np.array([[3, 4]], dtype=np.float32)).tolist() == [
        [np.float32(0.6), np.float32(0.8)]
    ]


@pytest.mark.parametrize("broken", ["config.json", "tokenizer.json", "modules.json"])
def test_a_folder_with_a_broken_part_is_one_line(make_model: MakeModel, broken: str) -> None:
    folder = make_model()
    (folder / broken).write_text("{")
    with pytest.raises(ValueError, match="must hold a whole SentenceTransformer, got") as e:
        SentenceEncoder(str(folder))
    assert "\n" not in str(e.value)


def test_damaged_weights_are_one_line(make_model: MakeModel) -> None:
    folder = make_model()
    weights = (folder / "model.safetensors").read_bytes()
    (folder / "model.safetensors").write_bytes(weights[:1000])
    with pytest.raises(ValueError, match="must hold a whole SentenceTransformer, got") as e:
        SentenceEncoder(str(folder))
    assert "\n" not in str(e.value)


def test_a_model_that_is_no_transformer_is_refused(tmp_path: Path) -> None:
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import StaticEmbedding
    from tokenizers import Tokenizer, models

    tokenizer = Tokenizer(models.WordLevel({"[UNK]": 0, "cat": 1}, unk_token="[UNK]"))
    static = StaticEmbedding(tokenizer, embedding_dim=4)
    SentenceTransformer(modules=[static]).save_pretrained(str(tmp_path), create_model_card=False)
    with pytest.raises(ValueError, match=r"must be a transformer with a tokenizer\.json"):
        SentenceEncoder(str(tmp_path))
