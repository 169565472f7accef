# Shared by the scripts beside it: finds the JDK and Maven, and says what is missing. Sourced, never run.

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
BUILDS=$ROOT/deploy/target/builds
JDK_MINIMUM=25
# What every proxy process runs with: BoringSSL, epoll, io_uring and SQLite are native code.
JVM_FLAGS=(--enable-native-access=ALL-UNNAMED)

# find_lib: sets LIB to the jars of the last build, or fails where there is none. Each build has a directory of its own,
# which no later one touches: who runs from it, a fleet for instance, finds all its classes to the end.
find_lib() { LIB=$(readlink -e "$BUILDS/last"); }
# is_stale: the source has changed since the build in LIB.
is_stale() {
  [ -n "$(find "$ROOT"/pom.xml "$ROOT"/*/pom.xml "$ROOT"/*/src/main -newer "$LIB/.built" -print -quit)" ]
}

say() { printf '%s\n' "$*" >&2; }
die() { say "$(basename "$0"): $*"; exit 1; }
is_root() { [ "$(id -u)" = 0 ]; }
has() { command -v "$1" >/dev/null 2>&1; }

# apt_install PACKAGE...: the Debian packages, when root on Debian; otherwise fails quietly.
apt_install() {
  is_root && has apt-get || return 1
  if [ -z "${APT_UPDATED:-}" ]; then
    apt-get update -qq >/dev/null 2>&1 || true
    APT_UPDATED=1
  fi
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null 2>&1
}

# need COMMAND PACKAGE: the command is there, or its Debian package gets installed, or the name is noted in MISSING.
MISSING=()
need() {
  has "$1" && return 0
  if is_root && has apt-get; then
    say "installing $2 (for $1)"
    apt_install "$2" && has "$1" && return 0
  fi
  MISSING+=("$1 (Debian package $2)")
}
stop_if_missing() {
  [ ${#MISSING[@]} = 0 ] && return 0
  say "missing:"
  printf '  %s\n' "${MISSING[@]}" >&2
  die "install these and try again"
}

# jdk_version DIR: the feature version that DIR/release names, or 0.
jdk_version() {
  [ -x "$1/bin/javac" ] && [ -r "$1/release" ] || { echo 0; return; }
  sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$1/release" | head -1
}

# find_jdk: sets JAVA_HOME to a JDK that is new enough, or fails.
find_jdk() {
  local candidate version on_path
  on_path=$(command -v javac || true)
  [ -n "$on_path" ] && on_path=$(dirname "$(dirname "$(readlink -f "$on_path")")")
  local home=${HOME:-/nonexistent} # a service's environment may have none
  for candidate in "${JAVA_HOME:-}" "$on_path" /usr/lib/jvm/* "$home"/.sdkman/candidates/java/* \
      "$home"/.jdks/* "$home"/.local/share/mise/installs/java/* /opt/java/* /opt/jdk*; do
    [ -n "$candidate" ] || continue
    version=$(jdk_version "$candidate")
    if [ "${version:-0}" -ge "$JDK_MINIMUM" ]; then
      export JAVA_HOME=$candidate
      return 0
    fi
  done
  return 1
}

require_jdk() {
  find_jdk && return 0
  if is_root && has apt-get; then
    say "no JDK $JDK_MINIMUM found; trying to install one"
    apt_install temurin-25-jdk || apt_install openjdk-25-jdk-headless || true
  fi
  find_jdk || die "no JDK $JDK_MINIMUM or newer found. Looked at JAVA_HOME, PATH, /usr/lib/jvm, SDKMAN (~/.sdkman), ~/.jdks, mise and /opt.
Install one, for instance Temurin: https://adoptium.net/installation/linux (package temurin-25-jdk), or 'sdk install java 25-tem'; or set JAVA_HOME."
}

require_maven() {
  need mvn maven
  stop_if_missing
}

# maven ARGS...: from what is stored locally where that is enough (it also saves the look-ups), else from the network.
maven() { (cd "$ROOT" && mvn -B "$@"); }
