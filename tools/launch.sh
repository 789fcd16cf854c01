# The second half of ./manifold and ./manifold-rsync, sourced by them with $here (this package's
# folder), $entry (the program's name) and the user's arguments. On the fast path it runs shell
# built-ins only and ends in exec: one process, and the bytes of argv are untouched. When there is
# no fresh build it runs tools/build.mjs first. POSIX sh and `test -nt` (POSIX 2024) are all it needs.

fail() {
  printf '%s: %s\n' "$entry" "$1" >&2
  exit 1
}

# Sets $built from the folder of builds $1; false when there is none or a source is newer than it.
fresh() {
  [ -f "$1/current" ] || return 1
  . "$1/current"
  built=$1/$build
  for source in $sources; do
    if [ "$here/$source" -nt "$1/current" ]; then return 1; fi
  done
  [ -f "$built/$entry.cjs" ]
}

# Brings the folder of builds $1 up to date. Old Nodes are turned away before they read any module.
bring() {
  version='var v = process.versions.node.split("."); process.exit(v[0] > 20 || (v[0] == 20 && v[1] >= 19) ? 0 : 1)'
  node -e "$version" </dev/null || fail "needs Node.js 20.19 or newer; the node in PATH is $(node --version)"
  node "$here/tools/build.mjs" "$1" </dev/null >&2 || exit 1
  . "$1/current" || exit 1
  built=$1/$build
}

# For a packed installation; a build here says it itself (tools/build/compile.mjs).
flags=--max-semi-space-size=4
command -v node >/dev/null || fail "needs Node.js 20.19 or newer; there is no node in PATH"

if [ ! -d "$here/src" ]; then
  # A packed installation carries its build and never makes one.
  built=$here/dist
  [ -f "$built/$entry.cjs" ] || fail "this installation is incomplete: $built/$entry.cjs is missing"
elif ! fresh "$here/.build"; then
  builds=$here/.build
  if [ -d "$builds" ]; then mine=$builds; else mine=$here; fi
  if [ ! -w "$mine" ]; then
    # Somebody else's checkout: build into the user's cache, under the checkout's own path.
    case ${XDG_CACHE_HOME-} in
      /*) cache=$XDG_CACHE_HOME ;;
      *) cache=${HOME-}/.cache ;;
    esac
    builds=$cache/manifold$(CDPATH='' cd -P -- "$here/" && pwd -P)
  fi
  if ! fresh "$builds"; then
    if [ "${1-}" != agent ]; then
      bring "$builds"
    elif [ ! -f "${built-}/$entry.cjs" ]; then
      # The far end of a connection must not start installing things: any build will do, or none.
      fail "not built on this machine yet; run $here/manifold --version there once"
    fi
  fi
fi

# Node reads these certificates at every start, which takes it longer than all else; no key of ours comes from
# there. Programs that are started by us find the variable as it was.
if [ -n "${NODE_EXTRA_CA_CERTS-}" ]; then
  export MANIFOLD_EXTRA_CA_CERTS="$NODE_EXTRA_CA_CERTS"
  unset NODE_EXTRA_CA_CERTS
fi

# shellcheck disable=SC2086 # $flags is a list of words.
exec node $flags "$built/$entry.cjs" "$@"
