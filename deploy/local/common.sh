# What up, down and status share; they read it, it does nothing by itself. Needs `here`, the folder it is in.
name=$(basename "$0")
root=$(CDPATH= cd -- "$here/../.." && pwd) || exit 1
state=${DIRECT_LOCAL_DIR:-/tmp/direct-local}
case $state in /*) ;; *) state=$PWD/$state ;; esac
logs=$state/logs
processes=$state/processes # a line for each: kind, port, process id, and when that process began, in ticks since the machine's start
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin:${DOTNET_ROOT:-$HOME/.dotnet}

die() {
    echo "$name: $*" >&2
    exit 1
}

# begun <process id>: prints when it began; nothing for one that is gone, or ended and not yet collected by its parent.
begun() {
    # "123 (a name) S 1 …": behind the name, which may hold anything, the state is word 1 and the beginning word 20.
    sed -n 's/^.*) //; /^[ZX]/d; p' "/proc/$1/stat" 2>/dev/null | cut -d ' ' -f 20
}

# lives <process id> <when it began>: a process id is used again some day, but not with the same beginning.
lives() {
    [ "$(begun "$1")" = "$2" ]
}

# each <kind> <command …>: runs the command with port, process id and beginning of each process of that kind.
each() {
    kind=$1
    shift
    [ -f "$processes" ] || return 0
    while read -r row_kind row_port row_pid row_begun; do
        [ "$row_kind" != "$kind" ] || "$@" "$row_port" "$row_pid" "$row_begun" </dev/null
    done <"$processes"
}

# Only one of up and down at a time. The processes that up starts do not inherit the lock.
lock() {
    exec 9>"$state/lock" || die "cannot write to $state"
    flock -n 9 || die "another up or down is at work on $state"
}

# wait_for_end <seconds> <process id> <beginning>
wait_for_end() {
    tenths=$(($1 * 10))
    while lives "$2" "$3"; do
        [ "$tenths" -gt 0 ] || return 1
        tenths=$((tenths - 1))
        sleep 0.1
    done
}

ask_to_end() {
    lives "$2" "$3" || return 0
    asked="$asked $2 "
    kill -TERM "$2" 2>/dev/null
    kill -CONT "$2" 2>/dev/null # one that was frozen could not hear it
}

await_end() {
    case $asked in *" $2 "*) ;; *) echo "$name: $kind on port $1 had ended before"; return 0 ;; esac
    if wait_for_end "$limit" "$2" "$3"; then
        echo "$name: $kind on port $1 stopped"
    else
        kill -KILL "$2" 2>/dev/null
        wait_for_end 10 "$2" "$3"
        echo "$name: $kind on port $1 did not stop within $limit s and was killed"
    fi
}

stop_one() {
    ask_to_end "$@"
    await_end "$@"
}

# Gateways first, together, so that they say good-bye while there is a cluster; silos one after the other, so that each hands on its grains.
stop_all() {
    asked=
    limit=60
    each gateway ask_to_end
    each gateway await_end
    limit=70
    each silo stop_one
    limit=30
    each database stop_one
    rm -f "$processes"
}
