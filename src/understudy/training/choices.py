"""What a setting may name, apart from what does it: settings are read without the networks' library."""

from typing import Literal

ColorMode = Literal["none", "rct", "lct", "mkl", "idt", "sot"]
CompileName = Literal["off", "on", "graphs"]
MomentsName = Literal["full", "bf16", "8bit", "host"]
OptimizerName = Literal["adabelief", "rmsprop", "adam"]
