# shellcheck shell=bash
# The parts of ./run: build, servers, processes, supervision, stop. Sourced by it after lib.sh; uses its options.
# shellcheck disable=SC2154 # input, rate, processors, watch are ./run's

run_dir=$(realpath -m "${AMLSTREAM_RUN_DIR:-$root/.run}")
logs=$run_dir/logs
binary=$root/build/release/amlstream
stop_limit_s=12
ready_limit_s=60
log_size_max=$((20 * 1024 * 1024))

stopped=no      # a signal asked us to stop
failed=no
begun=no        # servers or processes may have been started
children=()     # "name pid" of what was started, in order

# An error message for what is no consequence of being stopped.
give_up() {
    if [ "$stopped" = yes ]; then exit 0; fi
    fail "$@"
}

# --- one run at a time -----------------------------------------------------------------------------------------------

# The lock is the truth: it goes with the process that holds it, however that ends.
pipeline_runs() { [ -f "$run_dir/lock" ] && ! flock -n "$run_dir/lock" true; }

pipeline_claim() {
    mkdir -p "$logs"
    exec 7>"$run_dir/lock"
    if ! flock -n 7; then
        say "run: the pipeline of $root already runs (pid $(pid_read "$run_dir/pid"))."
        pipeline_status || true
        say "./run --stop stops it."
        exit 1
    fi
    echo $$ >"$run_dir/pid"
    # What a killed run left behind would hold the stores and the ports.
    processes_stop_recorded
}

# --- start -----------------------------------------------------------------------------------------------------------

build_release() {
    local log=$logs/build.log
    if [ ! -f build/release/build.ninja ] && ! cmake --preset release >"$log" 2>&1; then
        log_tail "$log" 30
        give_up "cmake failed (log: $log)"
    fi
    if [ -t 1 ]; then
        # On a terminal ninja keeps its progress on one line.
        ninja -C build/release amlstream 7>&- || give_up "the build failed"
        return
    fi
    say "building ..."
    if ! ninja -C build/release amlstream >"$log" 2>&1 7>&-; then
        log_tail "$log" 30
        give_up "the build failed (log: $log)"
    fi
}

servers_start() {
    begun=yes
    if [ -z "${KAFKA_BOOTSTRAP_SERVERS:-}" ]; then
        say "starting Kafka ..."
        KAFKA_BOOTSTRAP_SERVERS=$(scripts/kafka start "$run_dir/kafka" 7>&-) || return 1
    fi
    if [ -z "${DATABASE_URL:-}" ]; then
        say "starting Postgres ..."
        DATABASE_URL=$(scripts/postgres start "$run_dir/postgres" 7>&-) || return 1
    fi
    export KAFKA_BOOTSTRAP_SERVERS DATABASE_URL
}

# amlstream_once NAME ARGUMENTS...: a command that ends by itself; its log is shown when it fails.
amlstream_once() {
    local log=$logs/$1.log
    if ! timeout 90 "$binary" "$@" >>"$log" 2>&1 </dev/null 7>&-; then
        log_tail "$log"
        give_up "\"amlstream $*\" failed (log: $log)"
    fi
}
topics_and_tables() {
    say "creating topics and tables ..."
    amlstream_once topics create || return 1
    amlstream_once migrate
}

# process_start NAME HTTP_PORT ARGUMENTS...: HTTP_PORT 0 is none. The process gets a session of its own, so that Ctrl-C
# reaches only us, who stop things in order.
process_start() {
    local name=$1 port=$2 log=$logs/$1.log
    shift 2
    if [ -f "$log" ] && [ "$(stat -c %s "$log")" -gt "$log_size_max" ]; then mv "$log" "$log.1"; fi
    local variables=()
    if [ "$port" != 0 ]; then
        variables+=("AMLSTREAM_HTTP_LISTEN=127.0.0.1:$port")
        echo "$port" >"$run_dir/$name.port"
    fi
    setsid env "${variables[@]}" "$binary" "$@" >>"$log" 2>&1 </dev/null 7>&- &
    echo "$!" >"$run_dir/$name.pid"
    children+=("$name $!")
}

http_get() { curl -s -f -m 5 "http://127.0.0.1:$1$2"; }

# An unreaped child's pid is nobody else's.
child_alive() { kill -0 "$1" 2>/dev/null; }

# Waits for the process's own word that it is there, or for its end.
process_await() {
    local name=$1 pid=$2 port=$3 deadline=$((SECONDS + ready_limit_s))
    until http_get "$port" /health >/dev/null; do
        if [ "$stopped" = yes ]; then exit 0; fi
        if ! child_alive "$pid"; then
            report_dead "$name" "$logs/$name.log"
            exit 1
        fi
        if [ "$SECONDS" -ge "$deadline" ]; then
            log_tail "$logs/$name.log"
            give_up "$name does not answer on http://127.0.0.1:$port/health within $ready_limit_s s (log: $logs/$name.log)"
        fi
        sleep 0.1
    done
}

processes_start() {
    local number name port api_port='' states=${AMLSTREAM_STATE_DIR:-$run_dir/state}
    say "starting the processes ..."
    for ((number = 1; number <= processors; number++)); do
        name=processor-$number
        port=$(port_choose "$run_dir/$name.port") || return 1
        AMLSTREAM_STATE_DIR=$states/$number process_start "$name" "$port" processor
    done
    port=$(port_choose "$run_dir/sink.port") || return 1
    process_start sink "$port" sink
    # 8080 is what one tries first.
    if [ ! -s "$run_dir/api.port" ] && port_free 8080; then api_port=8080; fi
    api_port=$(port_choose "$run_dir/api.port" "$api_port") || return 1
    process_start api "$api_port" api
    local child
    for child in "${children[@]}"; do
        process_await "${child% *}" "${child#* }" "$(<"$run_dir/${child% *}.port")"
    done
    if [ -n "$input" ]; then
        process_start ingest 0 ingest "$input"
    else
        process_start simulate 0 simulate --rate "$rate"
    fi
}

# --- while it runs ---------------------------------------------------------------------------------------------------

api_address() { echo "http://127.0.0.1:$(<"$run_dir/api.port")"; }

pipeline_addresses() {
    say "API       $(api_address)  (try $(api_address)/scores/top?limit=10)"
    say "Kafka     $KAFKA_BOOTSTRAP_SERVERS"
    say "Postgres  $DATABASE_URL"
    say "logs      $logs"
    say "Ctrl-C, or ./run --stop, stops everything."
}

# server_dead NAME WORD: it is ours and its process is gone.
server_dead() { [ -s "$run_dir/$1/pid" ] && process_gone "$(pid_read "$run_dir/$1/pid")" "$2"; }

report_dead() {
    failed=yes
    # What is said on the live view's screen goes with it.
    watch_stop
    say ""
    say "run: $1 ended unexpectedly${3:+ (exit code $3)}. Its last log lines:"
    log_tail "$2"
    say "run: the whole log: $2; stopping the rest."
}

# A child that ended: the end of what streams a file is no failure.
child_ended() {
    local name=$1 code=$2
    if [ "$name" = watch ]; then
        if [ "$code" != 0 ]; then say "run: the live view ended with exit code $code"; fi
        return 1
    fi
    if { [ "$name" = ingest ] || [ "$name" = simulate ]; } && [ "$code" = 0 ]; then
        rm -f "$run_dir/$name.pid"
        if [ "$watch" = no ] || [ ! -t 1 ]; then say "$name: done"; fi
        return 0
    fi
    report_dead "$name" "$logs/$name.log" "$code"
    return 1
}

watch_start() {
    [ "$watch" = yes ] || return 0
    # Without job control a background process gets no input of its own: hand it the terminal.
    AMLSTREAM_HTTP_LISTEN='' "$binary" watch --api "$(api_address)" --hint 'Ctrl-C stops everything' <&0 7>&- &
    children+=("watch $!")
}

watch_stop() {
    local child
    for child in "${children[@]}"; do
        [ "${child% *}" != watch ] || process_stop "${child#* }" "$binary" TERM 3 || true
    done
}

# Until a signal, the end of the live view, or the end of a part that should go on.
pipeline_supervise() {
    local child code remaining
    watch_start
    while [ "$stopped" = no ]; do
        # A signal interrupts "wait", not a program in the foreground.
        sleep 0.5 7>&- &
        wait $! || true
        [ "$stopped" = no ] || return 0
        remaining=()
        for child in "${children[@]}"; do
            if child_alive "${child#* }"; then
                remaining+=("$child")
                continue
            fi
            code=0
            wait "${child#* }" || code=$?
            child_ended "${child% *}" "$code" || return 0
        done
        children=("${remaining[@]}")
        if server_dead kafka kafka.Kafka; then
            report_dead Kafka "$run_dir/kafka/server.log"
            return 0
        fi
        if server_dead postgres postgres; then
            report_dead Postgres "$run_dir/postgres/server.log"
            return 0
        fi
    done
}

# --- stop ------------------------------------------------------------------------------------------------------------

# Asks the processes of one group to stop, all at once, then waits for each.
processes_stop_group() {
    local file pid name
    for file in "$@"; do
        pid=$(pid_read "$file")
        if process_is "$pid" "$binary"; then kill -s TERM "$pid" 2>/dev/null || true; fi
    done
    for file in "$@"; do
        [ -f "$file" ] || continue
        name=$(basename "$file" .pid)
        process_stop "$(pid_read "$file")" "$binary" TERM "$stop_limit_s" ||
            say "$name did not stop within $stop_limit_s s and was killed (log: $logs/$name.log)"
        rm -f "$file"
    done
}

# In the order of the stream, so that each part can hand on what it has.
processes_stop_recorded() {
    processes_stop_group "$run_dir"/{ingest,simulate}.pid
    processes_stop_group "$run_dir"/processor-*.pid
    processes_stop_group "$run_dir/sink.pid"
    processes_stop_group "$run_dir/api.pid"
}

servers_stop() {
    if [ -d "$run_dir/postgres" ]; then scripts/postgres stop "$run_dir/postgres" 7>&- || true; fi
    if [ -d "$run_dir/kafka" ]; then scripts/kafka stop "$run_dir/kafka" 7>&- || true; fi
}

# At the end of ./run, whatever the reason.
pipeline_finish() {
    local code=$?
    trap '' INT TERM HUP
    trap - EXIT
    watch_stop
    if [ "$begun" = yes ]; then
        say "stopping ..."
        processes_stop_recorded
        servers_stop
        say "stopped; ./run goes on from here."
    fi
    rm -f "$run_dir/pid"
    [ "$failed" = no ] || exit 1
    exit "$code"
}

# ./run --stop: ask the run that there is; what is left after that was left by one that was killed.
pipeline_stop_other() {
    [ -d "$run_dir" ] || { say "nothing runs"; return 0; }
    if pipeline_runs; then
        kill -s TERM "$(pid_read "$run_dir/pid")" 2>/dev/null || true
        flock -w 120 "$run_dir/lock" true || say "run (pid $(pid_read "$run_dir/pid")) does not stop; stopping its parts"
    fi
    processes_stop_recorded
    servers_stop
    say "stopped"
}

pipeline_clean() {
    [ -d "$run_dir" ] || return 0
    pipeline_stop_other
    if [ -d "$run_dir/kafka" ]; then scripts/kafka clean "$run_dir/kafka"; fi
    if [ -d "$run_dir/postgres" ]; then scripts/postgres clean "$run_dir/postgres"; fi
    rm -rf "$run_dir"
    say "removed $run_dir"
}

# --- status ----------------------------------------------------------------------------------------------------------

status_line() { printf '%-14s %-8s %s\n' "$1" "$2" "$3"; }

pipeline_status() {
    local file name pid address any=no
    for name in kafka postgres; do
        [ -d "$run_dir/$name" ] || continue
        if address=$("scripts/$name" status "$run_dir/$name"); then
            status_line "$name" "$(pid_read "$run_dir/$name/pid")" "$address"
            any=yes
        fi
    done
    for file in "$run_dir"/*.pid; do
        [ -f "$file" ] || continue
        name=$(basename "$file" .pid)
        pid=$(pid_read "$file")
        process_is "$pid" "$binary" || continue
        address=
        if [ -s "$run_dir/$name.port" ]; then address=http://127.0.0.1:$(<"$run_dir/$name.port"); fi
        status_line "$name" "$pid" "$address"
        any=yes
    done
    if [ "$any" = no ]; then
        say "nothing runs"
        return 1
    fi
}
