"""Work on the project itself: the translation catalogue, the README's pictures, the wheel's assets. Not installed."""
