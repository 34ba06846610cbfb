"""The error correction."""

import numpy as np

from understudy.provenance.watermark.convolution import coded_length, decode, encode


def message(seed: int, length: int = 96) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 2, length, dtype=np.uint8)


def test_a_clean_word_decodes() -> None:
    for seed in range(5):
        sent = message(seed)
        word = encode(sent)
        assert len(word) == coded_length(96)
        assert np.array_equal(decode(word.astype(np.float32))[0], sent)


def test_the_free_distance_is_24() -> None:
    """The lightest word but zero: one set bit gives the generators' own weight, and no short message less."""
    zero = encode(np.zeros(10, np.uint8))
    weights = [
        int((encode(np.unpackbits(np.array([value >> 8, value & 255], np.uint8))[6:]) != zero).sum())
        for value in range(1, 1024)
    ]
    assert min(weights) == 24


def test_eleven_wrong_bits_anywhere_are_corrected() -> None:
    random = np.random.default_rng(1)
    for seed in range(10):
        sent = message(seed)
        word = encode(sent).astype(np.float32)
        word[random.choice(len(word), 11, replace=False)] *= -1
        assert np.array_equal(decode(word)[0], sent)


def test_noise_stronger_than_the_signal_is_corrected() -> None:
    """At 2 dB per coded bit below noise (4 dB per message bit), soft decisions decode nearly always."""
    random = np.random.default_rng(2)
    right = 0
    for seed in range(30):
        sent = message(seed)
        word = encode(sent) + random.normal(0, 1.12, coded_length(96))
        right += np.array_equal(decode(word.astype(np.float32))[0], sent)
    assert right >= 29


def test_a_list_begins_with_the_best_and_holds_no_message_twice() -> None:
    random = np.random.default_rng(3)
    word = (encode(message(4)) + random.normal(0, 1.5, coded_length(96))).astype(np.float32)
    listed = decode(word, likeliest=8)
    assert len(np.unique(listed, axis=0)) == 8
    assert np.array_equal(listed[0], decode(word)[0])
    agreements = [float(encode(found) @ word) for found in listed]
    assert agreements == sorted(agreements, reverse=True)
