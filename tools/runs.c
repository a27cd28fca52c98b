#include "tools/runs.h"

#include "common/kafka.h"
#include "common/signals.h"
#include "risk/rules.h"
#include "tools/control.h"
#include "tools/progress.h"
#include "tools/run_compare.h"
#include "tools/topic_read.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const setting_t settings_table[] = {
    SETTING_KAFKA,
    SETTING_TOPIC_PREFIX,
    {"RULES", "", "start: file, or preset:<name>; empty: the rules in force"},
    {"WAIT", "false", "start: until the run has ended"},
    {"LIMIT", "20", "show, diff: wallets that are listed"},
    {"JSON", "false", "list, show, diff: for programs"},
    {NULL, NULL, NULL},
};

static err_t *print(buf_t *text) {
    bool written = !text->size || fwrite(text->data, 1, text->size, stdout) == text->size;
    written = fflush(stdout) == 0 && written;
    buf_clear(text);
    return written ? NULL : err_new("cannot write to standard output: %s", strerror(errno));
}

static const char *text_of(const json_t *record, const char *key) {
    const char *text = json_string_value(json_object_get(record, key));
    return text ? text : "";
}

static json_int_t whole_of(const json_t *record, const char *key) {
    return json_integer_value(json_object_get(record, key));
}

/* start */

typedef struct {
    const char *run_id;
    progress_t *progress;
    json_int_t done, wallets;
    bool finished;
} wait_t;

static void wait_take(void *context, const char *key, size_t key_size, const char *value, size_t size,
                      int64_t record_ms) {
    (void)key, (void)key_size, (void)record_ms;
    wait_t *wait = context;
    json_t *record = json_loadb(value ? value : "", size, 0, NULL);
    if (!strcmp(text_of(record, "run_id"), wait->run_id) && !*text_of(record, "wallet")) {
        json_int_t done = whole_of(record, "done"), more = done > wait->done ? done - wait->done : 0;
        wait->wallets = whole_of(record, "wallets");
        wait->done += more;
        wait->finished = strcmp(text_of(record, "state"), "finished") == 0;
        progress_tell(wait->progress, (uint64_t)more,
                      wait->wallets ? (double)done / (double)wait->wallets : -1);
    }
    json_decref(record);
}

static err_t *wait_for(topic_reader_t *reader, const char *run_id) {
    wait_t wait = {.run_id = run_id, .progress = progress_new("wallets")};
    err_t *err = NULL;
    while (!err && !wait.finished && !stop_requested())
        err = topic_reader_poll(reader, 200, wait_take, &wait);
    progress_free(wait.progress);
    if (!err && !wait.finished) return err_new("stopped waiting; the run goes on");
    if (!err) printf("finished: %" JSON_INTEGER_FORMAT " wallets\n", wait.wallets);
    return err;
}

static err_t *start(const settings_t *settings) {
    const char *source = settings_get(settings, "RULES");
    bool waits = settings_is_on(settings, "WAIT");
    topic_reader_t *reader = NULL;
    buf_t command = {0};
    char run_id[CONTROL_RUN_ID_SIZE];
    rules_t *rules = NULL;
    if (*source) TRY(rules_load(source, &rules));
    err_t *err = control_add_command(&command, "rescore", rules ? source : NULL);
    rules_free(rules);
    /* From before the command on, so that nothing of the run is missed. */
    if (!err && waits) err = topic_reader_new(settings, TOPIC_SCORING_RUNS, "scoring runs", true, &reader);
    if (!err) err = control_send(settings, "run", &command, run_id);
    if (!err) {
        puts(run_id);
        fflush(stdout);
        if (waits) err = wait_for(reader, run_id);
    }
    topic_reader_free(reader);
    buf_clear(&command);
    return err;
}

/* list */

static void list_take(void *context, const char *key, size_t key_size, const char *value, size_t size,
                      int64_t record_ms) {
    (void)key, (void)key_size, (void)record_ms;
    json_t *record = json_loadb(value ? value : "", size, 0, NULL);
    const char *run_id = text_of(record, "run_id");
    if (*run_id && !*text_of(record, "wallet")) json_object_set(context, run_id, record);
    json_decref(record);
}

static void add_run(const json_t *run, buf_t *out) {
    const json_t *summary = json_object_get(run, "summary");
    buf_printf(out, "%-36s %-9s %-12s  %s  %" JSON_INTEGER_FORMAT " of %" JSON_INTEGER_FORMAT " wallets",
               text_of(run, "run_id"), text_of(run, "state"), text_of(run, "rules_version"),
               text_of(run, "started_at"), whole_of(run, "done"), whole_of(run, "wallets"));
    const char *level;
    json_t *count;
    json_object_foreach((json_t *)(uintptr_t)summary, level, count)
        buf_printf(out, ", %s %" JSON_INTEGER_FORMAT, level, json_integer_value(count));
    buf_add_char(out, '\n');
}

static int by_start(const void *a, const void *b) {
    const json_t *left = *(json_t *const *)a, *right = *(json_t *const *)b;
    int order = strcmp(text_of(right, "started_at"), text_of(left, "started_at"));
    return order ? order : strcmp(text_of(left, "run_id"), text_of(right, "run_id"));
}

static void runs_add(const json_t *runs, bool json, buf_t *out) {
    size_t count = json_object_size(runs), i = 0;
    const json_t **sorted = calloc(count + 1, sizeof *sorted);
    if (!sorted) abort();
    const char *run_id;
    json_t *run;
    json_object_foreach((json_t *)(uintptr_t)runs, run_id, run) sorted[i++] = run;
    qsort(sorted, count, sizeof *sorted, by_start);
    if (json) buf_add_char(out, '[');
    for (i = 0; i < count; i++) {
        if (!json) {
            add_run(sorted[i], out);
            continue;
        }
        char *text = json_dumps(sorted[i], JSON_COMPACT);
        buf_printf(out, "%s%s", i ? "," : "", text);
        free(text);
    }
    if (json) buf_add_str(out, "]\n");
    free(sorted);
}

static err_t *list(const settings_t *settings) {
    json_t *runs = json_object();
    err_t *err = topic_read(settings, TOPIC_SCORING_RUNS, "scoring runs", list_take, runs);
    buf_t out = {0};
    if (!err) runs_add(runs, settings_is_on(settings, "JSON"), &out);
    json_decref(runs);
    return err ? err : print(&out);
}

/* show, diff */

typedef struct {
    run_compare_t *compare;
    progress_t *progress;
} reading_t;

static void compare_take(void *context, const char *key, size_t key_size, const char *value, size_t size,
                         int64_t record_ms) {
    (void)key, (void)key_size, (void)record_ms;
    reading_t *reading = context;
    run_compare_take(reading->compare, value ? value : "", size);
    progress_tell(reading->progress, 1, -1);
}

static err_t *runs_read(const settings_t *settings, const char *run_id, const char *other,
                        run_compare_t **out) {
    reading_t reading = {run_compare_new(run_id, other), progress_new("scores")};
    err_t *err = topic_read(settings, TOPIC_SCORING_RUNS, "scoring runs", compare_take, &reading);
    progress_free(reading.progress);
    for (int i = 0; !err && i < (other ? 2 : 1); i++)
        if (!run_compare_told(reading.compare, i))
            err = err_new("there is no run \"%s\"; see amlstream runs list", i ? other : run_id);
    if (err)
        run_compare_free(reading.compare);
    else
        *out = reading.compare;
    return err;
}

static void add_told(const run_compare_t *compare, int index, buf_t *out) {
    const char *told = run_compare_told(compare, index);
    json_t *run = json_loads(told, 0, NULL);
    add_run(run, out);
    json_decref(run);
}

static err_t *show(const settings_t *settings, const char *run_id, const char *other, size_t limit) {
    bool json = settings_is_on(settings, "JSON");
    run_compare_t *compare;
    buf_t out = {0};
    TRY(runs_read(settings, run_id, other, &compare));
    if (json) {
        buf_printf(&out, other ? "{\"a\":%s,\"b\":%s,\"diff\":" : "{\"run\":%s,\"top\":",
                   run_compare_told(compare, 0), other ? run_compare_told(compare, 1) : "");
    } else {
        add_told(compare, 0, &out);
        if (other) add_told(compare, 1, &out);
    }
    if (other)
        run_compare_add_diff(compare, limit, json, &out);
    else
        run_compare_add_top(compare, limit, json, &out);
    if (json) buf_add_str(&out, "}\n");
    run_compare_free(compare);
    return print(&out);
}

static err_t *runs_run(settings_t *settings) {
    const char *action = settings_argument(settings, 0), *first = settings_argument(settings, 1),
               *second = first ? settings_argument(settings, 2) : NULL;
    int count = settings_argument_count(settings);
    int64_t limit;
    TRY(settings_int(settings, "LIMIT", 0, 1000000, &limit));
    if (action && !strcmp(action, "start") && count == 1) return start(settings);
    if (action && !strcmp(action, "list") && count == 1) return list(settings);
    if (action && !strcmp(action, "show") && count == 2) return show(settings, first, NULL, (size_t)limit);
    if (action && !strcmp(action, "diff") && count == 3) return show(settings, first, second, (size_t)limit);
    return err_new_code(EXIT_USAGE, "say what to do: amlstream runs start, list, show RUN or diff RUN RUN");
}

const command_t runs_command = {
    .name = "runs",
    .summary = "Scores all wallets anew beside the live scores, and compares such runs.",
    .arguments = "start|list|show RUN|diff RUN RUN",
    .details =
        "start prints the new run's id; all processors take part, and with --wait it says how far they\n"
        "are. show lists the wallets with the highest scores of a run, diff those that differ most.",
    .settings = settings_table,
    .run = runs_run,
};
