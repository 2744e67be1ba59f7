"""The engines that read images, and the files that images are kept in."""
