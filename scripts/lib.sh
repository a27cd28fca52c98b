# shellcheck shell=bash
# Shared by the scripts: messages, waiting, ports, processes by recorded pid. Sourced, not run.

say() { printf '%s\n' "$*" >&2; }
fail() {
    printf '%s: %s\n' "$(basename "$0")" "$*" >&2
    exit 1
}

# wait_until SECONDS COMMAND...: runs the command every 0.1 s until it succeeds; false when the time is over.
wait_until() {
    local deadline=$((SECONDS + $1))
    shift
    until "$@"; do
        [ "$SECONDS" -lt "$deadline" ] || return 1
        sleep 0.1
    done
}

# --- ports -----------------------------------------------------------------------------------------------------------

port_answers() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }
port_free() { ! port_answers "$1"; }

# A free loopback port, below the range that the kernel hands out to outgoing connections.
port_pick() {
    local port _
    for _ in {1..200}; do
        port=$((20000 + (RANDOM * 32768 + RANDOM) % 12000))
        if port_free "$port"; then
            echo "$port"
            return
        fi
    done
    fail "no free port found on 127.0.0.1 between 20000 and 32000"
}

# port_choose FILE [PORT]: the asked one, else the one used before (clients may still hold it), else a free one.
port_choose() {
    local file=$1 port=${2:-0}
    if [ "$port" = 0 ] && [ -s "$file" ] && port_free "$(<"$file")"; then
        port=$(<"$file")
    fi
    [ "$port" != 0 ] || port=$(port_pick)
    port_free "$port" || fail "port $port on 127.0.0.1 is taken by another program: give another one, or 0 for a free one"
    echo "$port"
}

port_valid() { [[ $1 =~ ^[0-9]{1,5}$ ]] && [ "$1" -le 65535 ]; }

# --- processes -------------------------------------------------------------------------------------------------------

# process_is PID WORD: that process runs and its command line holds WORD. A pid alone may have been given to another
# program since it was recorded. A zombie has an empty command line: it counts as gone.
process_is() {
    local line
    [[ ${1:-} =~ ^[0-9]+$ ]] || return 1
    line=$(tr '\0' ' ' 2>/dev/null <"/proc/$1/cmdline") || return 1
    [[ $line == *"$2"* ]]
}
process_gone() { ! process_is "$1" "$2"; }

# process_stop PID WORD SIGNAL SECONDS: asks with SIGNAL, waits, then kills. True when it went by itself.
process_stop() {
    local pid=$1 word=$2 signal=$3 seconds=$4
    process_is "$pid" "$word" || return 0
    kill -s "$signal" "$pid" 2>/dev/null || true
    wait_until "$seconds" process_gone "$pid" "$word" && return 0
    kill -s KILL "$pid" 2>/dev/null || true
    wait_until 5 process_gone "$pid" "$word" || true
    return 1
}

# The number in a pid file, or nothing.
pid_read() {
    local pid=
    if [ -s "$1" ]; then read -r pid <"$1" || true; fi
    echo "$pid"
}

# log_tail FILE [LINES]: the last lines, indented, for an error message.
log_tail() {
    [ -s "$1" ] || return 0
    tail -n "${2:-15}" "$1" | cut -c1-400 | sed 's/^/    /' >&2
}

# --- other programs --------------------------------------------------------------------------------------------------

java_major() { "$1" -version 2>&1 | sed -n 's/.* version "\([0-9]*\).*/\1/p' | head -n 1; }

# Path of a Java of at least version 17: JAVA_HOME's, the path's, or any that Debian installed.
java_find() {
    local java version
    for java in "${JAVA_HOME:+$JAVA_HOME/bin/java}" "$(command -v java || true)" /usr/lib/jvm/*/bin/java; do
        [ -x "$java" ] || continue
        version=$(java_major "$java")
        if [ "${version:-0}" -ge 17 ]; then
            echo "$java"
            return 0
        fi
    done
    return 1
}
