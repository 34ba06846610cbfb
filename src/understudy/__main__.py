"""`python -m understudy`, and with it `torchrun -m understudy train`."""

import sys

from understudy.cli import main

sys.exit(main())
