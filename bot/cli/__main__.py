"""`python -m bot.cli` is `lockmaster`."""

import sys

from bot.cli.main import main

sys.exit(main())
