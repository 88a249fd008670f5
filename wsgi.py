"""What a WSGI server and the `flask` command start: `app`. Without its key the application does not start (exit 78)."""

import gc
import sys

from caseapp import create_app
from caseapp.keyholder import KeyRefused, KeyringError
from config import ConfigurationError

try:
    app = create_app()
except (ConfigurationError, KeyringError, KeyRefused) as error:
    if not isinstance(error, KeyringError) or sys.argv[-2:] != ["keys", "recover"]:
        print(error, file=sys.stderr)
        sys.exit(78)
    app = create_app(connected=False)  # the command that makes a lost key file again must start without it

# What lives as long as the process is not looked through again at every collection: without this a quarter of a large search goes there.
gc.freeze()
