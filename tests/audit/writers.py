"""One writer among several: a process of its own that writes notes as fast as it can. Started by the test beside it."""

import json
import sys
from pathlib import Path

from caseapp.access import Actor
from caseapp.db import Database
from caseapp.keyholder import read_keyring
from tests.ground import write


def main() -> None:
    told = json.loads(sys.argv[1])
    database = Database(told["url"], told["keystore_url"], read_keyring(Path(told["keyring"])))
    database.keyholder.open()
    database.bind()
    actor = Actor(told["user"], "", told["agency"], teams={told["team"]: frozenset({"coordinator"})})
    print("ready", flush=True)
    sys.stdin.readline()
    for number in range(told["notes"]):
        write(actor, told["case"], f"{told['name']} {number}")
    database.dispose()


if __name__ == "__main__":
    main()
