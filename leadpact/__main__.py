"""`python -m leadpact`."""

import sys

from leadpact.cli import main

sys.exit(main())
