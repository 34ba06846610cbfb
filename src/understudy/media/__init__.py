"""Frames in and out of files: decoding, encoding, colour, bit depth and the streams that go with them."""
