"""The map of what makes two images alike."""

import numpy as np

from radcite.backends.images.classical import ClassicalImageEncoder
from radcite.core.vectors import Pixels
from radcite.tools.occlusion import occlusion


def disc(row: int, column: int, seed: int) -> Pixels:
    """A dark noisy field with one bright disc."""
    draw = np.random.default_rng(seed)
    image = draw.integers(0, 20, (160, 160), dtype=np.uint8)
    rows, columns = np.mgrid[:160, :160]
    image[(rows - row) ** 2 + (columns - column) ** 2 < 18**2] = 230
    return image


async def test_hiding_what_both_images_show_costs_most() -> None:
    made = await occlusion(ClassicalImageEncoder(), disc(50, 110, 1), [disc(52, 112, 2)])
    drops = np.array(made.drops)
    assert drops.shape == (8, 8)
    assert 0 < made.similarity <= 1
    row, column = np.unravel_index(drops.argmax(), drops.shape)
    # Rows of 20 pixels: the disc lies in rows 1 to 3 and columns 4 to 6.
    assert 1 <= row <= 3
    assert 4 <= column <= 6
    assert drops.max() > 4 * np.abs(drops[5:, :3]).max()


async def test_an_image_is_wholly_like_itself_and_stays_unchanged() -> None:
    image = disc(80, 80, 3)
    before = image.copy()
    made = await occlusion(ClassicalImageEncoder(), image, [image], cells=2)
    assert made.similarity == 1.0
    assert np.array_equal(image, before)


async def test_what_the_images_of_a_label_share_counts_and_not_what_one_of_them_has_alone() -> None:
    other = disc(52, 112, 4)
    other[120:150, 20:50] = 230
    made = await occlusion(
        ClassicalImageEncoder(), disc(50, 110, 1), [disc(52, 112, 2), disc(48, 108, 3), other]
    )
    row, column = np.unravel_index(np.array(made.drops).argmax(), (8, 8))
    assert 1 <= row <= 3
    assert 4 <= column <= 6
