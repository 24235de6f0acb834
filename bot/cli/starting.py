"""What several words begin with: settings and catalogue, or an error that says what is wrong."""

import sys

from bot.config.catalogue import Catalogue
from bot.config.load import BrokenCatalogue, load_catalogue
from bot.config.secrets import Secrets
from bot.config.settings import BrokenSettings, Settings, load_settings


def configured() -> tuple[Settings, Secrets, Catalogue] | None:
    """Everything the operator decided; None when it cannot be used, after saying why on standard error."""
    try:
        settings, secrets = load_settings()
        return settings, secrets, load_catalogue(settings.catalogue)
    except (BrokenSettings, BrokenCatalogue) as error:
        print(error, file=sys.stderr)
        return None
