# Sourced by the commands beside it: a throw-away PostgreSQL server. Defines functions only.
#
# start_postgresql exports CASEAPP_TEST_POSTGRESQL (a URL with a password made for this run; only the loopback address listens);
# the caller traps EXIT with stop_postgresql, which leaves nothing behind.

find_postgresql() { # prints the directory of initdb and postgres, the newest where there are several
  local directory
  for directory in "${CASEAPP_POSTGRESQL_BIN:-}" $(ls -d /usr/lib/postgresql/*/bin /usr/pgsql-*/bin /opt/homebrew/opt/postgresql@*/bin 2> /dev/null | sort -rV) \
    "$(pg_config --bindir 2> /dev/null || true)" "$(dirname "$(command -v initdb || echo /nowhere/initdb)")"; do
    if [ -n "$directory" ] && [ -x "$directory/initdb" ] && [ -x "$directory/postgres" ]; then
      printf '%s\n' "$directory"
      return
    fi
  done
  return 1
}

# In memory where there is room: the suite makes and drops a database for each test. A container often has only 64 MB there.
postgresql_room() {
  local free
  free="$(df -Pk /dev/shm 2> /dev/null | awk 'NR == 2 { print $4 }')"
  if [ -w /dev/shm ] && [ "${free:-0}" -ge 2097152 ]; then printf '/dev/shm\n'; else printf '%s\n' "${TMPDIR:-/tmp}"; fi
}

# PostgreSQL refuses to run as root; then it runs as the user its package made.
as_postgres() {
  if [ "$(id -u)" = 0 ]; then
    setpriv --reuid=postgres --regid=postgres --clear-groups --no-new-privs "$@"
  else
    "$@"
  fi
}

start_postgresql() {
  local bin port password
  bin="$(find_postgresql)"
  postgresql_directory="$(mktemp -d "$(postgresql_room)/caseapp-postgresql.XXXXXX")"
  port="$(.venv/bin/python -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')"
  password="$(.venv/bin/python -c 'import secrets; print(secrets.token_hex(16))')"
  printf '%s\n' "$password" > "$postgresql_directory/password"
  [ "$(id -u)" != 0 ] || chown -R postgres "$postgresql_directory"
  # C.UTF-8 sorts by code point, as SQLite does; no test may depend on a database's own order of names
  as_postgres "$bin/initdb" --pgdata="$postgresql_directory/data" --username=caseapp --pwfile="$postgresql_directory/password" \
    --auth=scram-sha-256 --encoding=UTF8 --locale=C.UTF-8 --no-sync > "$postgresql_directory/initdb.log" 2>&1 ||
    stop 1 "initdb failed: $(tail -n 3 "$postgresql_directory/initdb.log")"
  # fsync off: nothing here outlives the run. Everything else as in use.
  printf '%s\n' "listen_addresses = '127.0.0.1'" "port = $port" "unix_socket_directories = '$postgresql_directory'" \
    'fsync = off' 'full_page_writes = off' 'max_connections = 200' >> "$postgresql_directory/data/postgresql.conf"
  as_postgres "$bin/pg_ctl" start --silent --wait --pgdata="$postgresql_directory/data" --log="$postgresql_directory/server.log" ||
    stop 1 "PostgreSQL did not start: $(tail -n 3 "$postgresql_directory/server.log")"
  postgresql_programs="$bin"
  export CASEAPP_TEST_POSTGRESQL="postgresql+psycopg://caseapp:$password@127.0.0.1:$port"
}

stop_postgresql() {
  [ -z "${postgresql_programs:-}" ] ||
    as_postgres "$postgresql_programs/pg_ctl" stop --silent --mode=immediate --pgdata="$postgresql_directory/data" || true
  [ -z "${postgresql_directory:-}" ] || rm -rf "$postgresql_directory"
  postgresql_programs= postgresql_directory=
}
