import pytest

from radcite.core.layout import PlacedWord, boxes_of, pack, unpack

WORDS = (
    PlacedWord(0, 5, 1, 1, 72.0, 700.25, 100.5, 712.0),
    PlacedWord(6, 9, 1, 1, 104.0, 701.0, 120.0, 711.5),
    PlacedWord(9, 14, 1, 2, 72.0, 714.0, 98.0, 726.0),
    PlacedWord(16, 20, 2, 3, 72.0, 60.0, 99.99, 72.0),
)


def test_a_layout_comes_back_as_it_was_packed():
    assert unpack(pack(WORDS)) == WORDS


def test_an_empty_layout_has_no_boxes():
    assert unpack(pack(())) == ()
    assert boxes_of(pack(()), 0, 10) == ()


def test_a_span_has_one_box_per_line_in_reading_order():
    boxes = boxes_of(pack(WORDS), 0, 20)
    assert [place.page for place in boxes] == [1, 1, 2]
    assert boxes[0].box == (72.0, 700.25, 120.0, 712.0)


def test_a_span_inside_a_word_has_the_box_of_the_word():
    assert boxes_of(pack(WORDS), 7, 8)[0].box == (104.0, 701.0, 120.0, 711.5)


@pytest.mark.parametrize("span", [(5, 6), (3, 3), (20, 40), (14, 16), (8, 2)])
def test_a_span_without_words_has_no_boxes(span: tuple[int, int]):
    assert boxes_of(pack(WORDS), *span) == ()


def test_words_out_of_order_are_refused():
    with pytest.raises(ValueError, match="in order"):
        pack(reversed(WORDS))


@pytest.mark.parametrize("bad", [b"", b"not a layout", pack(WORDS)[:-9]])
def test_bytes_that_are_no_layout_are_refused(bad: bytes):
    with pytest.raises(ValueError, match="not a layout"):
        boxes_of(bad, 0, 1)


def test_a_layout_takes_few_bytes_per_word():
    words = [
        PlacedWord(i * 6, i * 6 + 5, i // 500 + 1, i // 10, 72.0 + i % 10 * 30, 72.0, 97.0, 84.0)
        for i in range(5000)
    ]
    assert len(pack(words)) < 4 * len(words)
