"""The engines that read texts: sparse, dense, and two at once."""
