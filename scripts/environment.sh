# Sourced by the commands beside it: where Python is found and how .venv becomes what a lock file says. Defines functions only.

step() { printf '%s …\n' "$*" >&2; }

stop() { # stop EXIT-CODE SENTENCE …
  local code="$1"
  shift
  printf '%s\n' "$*" >&2
  exit "$code"
}

# Prints the interpreter to build .venv with. CASEAPP_PYTHON chooses one; otherwise the first of the usual names that is new enough.
find_python() {
  local candidate
  for candidate in "${CASEAPP_PYTHON:-}" python3 python3.14 python3.13 python3.12 python3.11 python; do
    [ -n "$candidate" ] && command -v "$candidate" > /dev/null 2>&1 || continue
    "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' > /dev/null 2>&1 || continue
    command -v "$candidate"
    return
  done
  stop 78 "caseapp needs Python 3.11 or newer, and none was found: install it (Debian and Ubuntu: apt-get install python3 python3-venv), or name one in CASEAPP_PYTHON."
}

fingerprint() { # fingerprint FILE: the lock and the Python it was installed for, so that a change of either installs again
  { cat "$1" && .venv/bin/python -c 'import sys; print(sys.version)'; } | cksum
}

# Makes .venv hold what the lock says. One environment serves every lock (each contains the smaller ones in the same versions), so a
# stamp for each lock, holding its fingerprint, tells whether there is anything to do: a second start installs nothing.
ensure_environment() { # ensure_environment LOCK SENTENCE
  local lock="scripts/$1" stamp=".venv/installed-$1" python
  if [ -x .venv/bin/python ] && [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$(fingerprint "$lock")" ]; then
    return
  fi
  if ! .venv/bin/python -c 'import sys, pip; sys.exit(sys.version_info < (3, 11))' > /dev/null 2>&1; then
    python="$(find_python)"
    step "Making .venv with $("$python" --version)"
    rm -rf .venv
    "$python" -m venv .venv || {
      rm -rf .venv
      stop 78 "This Python cannot make an environment: its venv module is missing (Debian and Ubuntu: apt-get install python3-venv)."
    }
  fi
  step "$2 (once, a minute or two)"
  # --only-binary: no package runs a build script of its own on this machine; every package in the locks has wheels.
  .venv/bin/python -m pip install --disable-pip-version-check --no-input --progress-bar off \
    --require-hashes --only-binary :all: --requirement "$lock" |
    count_packages "$(grep -c '==' "$lock")" ||
    stop 1 "The packages could not be installed: see the message above. Nothing else was changed; run the command again when it is mended."
  fingerprint "$lock" > "$stamp"
}

# Turns the installer's talk into a counter: one line that counts up on a terminal, one line at the end elsewhere.
count_packages() { # count_packages HOW-MANY
  local line found=0
  while IFS= read -r line; do
    case "$line" in
      "Collecting "* | "Requirement already satisfied"*)
        found=$((found + 1))
        [ -t 2 ] && printf '\r  %s of %s packages' "$found" "$1" >&2
        ;;
      "Installing collected packages"*)
        [ -t 2 ] && printf '\r  %s of %s packages, unpacking' "$found" "$1" >&2
        ;;
    esac
  done
  [ -t 2 ] && printf '\n' >&2
  return 0
}
