"""What a WSGI server and the `flask` command start: `app`. Without its key the application does not start (exit 78)."""

import gc
import sys

from caseapp import create_app
from caseapp.keyholder import KeyRefused, KeyringError
from config import ConfigurationError

try:
    app = create_app()
except (ConfigurationError, KeyringError, KeyRefused) as error:
    print(error, file=sys.stderr)
    sys.exit(78)

# What lives as long as the process is not looked through again at every collection: without this a quarter of a large search goes there.
gc.freeze()
