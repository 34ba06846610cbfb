"""Swapped faces back into their frames: from frame, prediction and settings to a finished, marked video."""
