"""Which pixels are face: hulls from landmarks, combinations of masks, and their edges."""
