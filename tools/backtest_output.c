#include "tools/backtest_output.h"

#include <errno.h>
#include <jansson.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <uthash.h>

enum { FILE_BUFFER_BYTES = 1 << 20, TYPOLOGIES_MAX = 64 };

typedef enum { OUT_TRANSFERS, OUT_ALERTS, OUT_DEAD_LETTERS, OUT_SCORES, OUT_COUNT } out_file_t;

static const char *const file_names[OUT_COUNT] = {"transaction-risk.jsonl", "alerts.jsonl",
                                                  "dead-letters.jsonl", "risk-scores.jsonl"};

/* The last record of a wallet. */
typedef struct {
    UT_hash_handle hh;
    size_t key_size;
    size_t size, capacity;
    char *value;
    char key[];
} score_t;

struct backtest_output {
    char dir[PATH_MAX];
    FILE *files[OUT_COUNT];
    err_t *error; /* the first */
    score_t *scores;
    json_t *typologies; /* name → count of alerts */
};

static err_t *file_error(const char *what, const char *path) {
    return err_new("cannot %s \"%s\": %s; give another folder with --out", what, path, strerror(errno));
}

static char *path_of(const backtest_output_t *output, const char *name) {
    char *path;
    if (asprintf(&path, "%s/%s", output->dir, name) < 0) abort();
    return path;
}

static err_t *files_open(backtest_output_t *output) {
    if (mkdir(output->dir, 0777) != 0 && errno != EEXIST) return file_error("create", output->dir);
    for (int i = 0; i < OUT_COUNT; i++) {
        char *path = path_of(output, file_names[i]);
        output->files[i] = fopen(path, "we");
        err_t *err = output->files[i] ? NULL : file_error("write", path);
        free(path);
        if (err) return err;
        setvbuf(output->files[i], NULL, _IOFBF, FILE_BUFFER_BYTES);
    }
    return NULL;
}

void backtest_output_drop(backtest_output_t *output) {
    score_t *score, *next;
    HASH_ITER(hh, output->scores, score, next) {
        HASH_DEL(output->scores, score);
        free(score->value);
        free(score);
    }
    for (int i = 0; i < OUT_COUNT; i++)
        if (output->files[i]) fclose(output->files[i]);
    json_decref(output->typologies);
    err_free(output->error);
    free(output);
}

err_t *backtest_output_open(const char *dir, backtest_output_t **out) {
    if (strlen(dir) > PATH_MAX / 2)
        return err_new_code(EXIT_USAGE, "--out is longer than %d bytes", PATH_MAX / 2);
    backtest_output_t *output = calloc(1, sizeof *output);
    if (!output) abort();
    strcpy(output->dir, dir);
    output->typologies = json_object();
    err_t *err = files_open(output);
    if (err)
        backtest_output_drop(output);
    else
        *out = output;
    return err;
}

static void write_line(backtest_output_t *output, out_file_t file, const char *text, size_t size) {
    FILE *to = output->files[file];
    if ((fwrite(text, 1, size, to) != size || fputc('\n', to) == EOF) && !output->error)
        output->error = file_error("write", file_names[file]);
}

static void score_keep(backtest_output_t *output, const log_record_t *record) {
    score_t *score;
    HASH_FIND(hh, output->scores, record->key, record->key_size, score);
    if (!score) {
        score = calloc(1, sizeof *score + record->key_size);
        if (!score) abort();
        score->key_size = record->key_size;
        memcpy(score->key, record->key, record->key_size);
        HASH_ADD_KEYPTR(hh, output->scores, score->key, score->key_size, score);
    }
    if (score->capacity < record->value_size) {
        free(score->value);
        score->capacity = record->value_size + record->value_size / 4;
        score->value = malloc(score->capacity);
        if (!score->value) abort();
    }
    memcpy(score->value, record->value, record->value_size);
    score->size = record->value_size;
}

static void alert_count(backtest_output_t *output, const log_record_t *record) {
    json_t *alert = json_loadb(record->value, record->value_size, 0, NULL);
    const char *typology = json_string_value(json_object_get(alert, "typology"));
    if (typology) {
        json_int_t count = json_integer_value(json_object_get(output->typologies, typology));
        json_object_set_new(output->typologies, typology, json_integer(count + 1));
    }
    json_decref(alert);
}

/* The record as text, whatever its bytes are: what is not UTF-8 shows as it can. */
static void dead_letter_write(backtest_output_t *output, const log_record_t *record,
                              const log_header_t *headers) {
    json_t *value = json_stringn(record->value ? record->value : "", record->value_size);
    json_t *line = json_pack("{s:s, s:o?, s:i}", "error", headers ? headers[0].value : "", "value", value,
                             "size", (int)record->value_size);
    char *text = json_dumps(line, JSON_COMPACT);
    write_line(output, OUT_DEAD_LETTERS, text, strlen(text));
    free(text);
    json_decref(line);
}

void backtest_output_record(void *context, const log_record_t *record, const log_header_t *headers) {
    backtest_output_t *output = context;
    switch (record->topic) {
    case TOPIC_TRANSACTION_RISK: write_line(output, OUT_TRANSFERS, record->value, record->value_size); break;
    case TOPIC_SCORES: score_keep(output, record); break;
    case TOPIC_ALERTS:
        write_line(output, OUT_ALERTS, record->value, record->value_size);
        alert_count(output, record);
        break;
    case TOPIC_DLQ: dead_letter_write(output, record, headers); break;
    default: break;
    }
}

static int by_wallet(const score_t *a, const score_t *b) {
    size_t size = a->key_size < b->key_size ? a->key_size : b->key_size;
    int order = memcmp(a->key, b->key, size);
    return order ? order : (a->key_size > b->key_size) - (a->key_size < b->key_size);
}

static void scores_write(backtest_output_t *output) {
    HASH_SORT(output->scores, by_wallet);
    for (const score_t *score = output->scores; score; score = score->hh.next)
        write_line(output, OUT_SCORES, score->value, score->size);
}

static err_t *summary_write(const backtest_output_t *output, const backtest_summary_t *summary) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    json_t *json = json_pack(
        "{s:s, s:s, s:s?, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:O, s:f, s:f, s:I}", "input", summary->input,
        "rules_version", summary->rules_version, "model_version", summary->model_version, "transfers",
        (json_int_t)summary->transfers, "duplicates", (json_int_t)summary->duplicates, "dead_letters",
        (json_int_t)summary->dead_letters, "labels", (json_int_t)summary->labels, "wallets",
        (json_int_t)summary->wallets, "edges", (json_int_t)summary->edges, "alerts",
        (json_int_t)summary->alerts, "alerts_by_typology", output->typologies, "seconds", summary->seconds,
        "transfers_per_second", summary->seconds > 0 ? (double)summary->transfers / summary->seconds : 0,
        "peak_memory_bytes", (json_int_t)usage.ru_maxrss * 1024);
    char *path = path_of(output, "summary.json");
    err_t *err = json_dump_file(json, path, JSON_INDENT(2)) == 0 ? NULL : file_error("write", path);
    free(path);
    json_decref(json);
    return err;
}

static err_t *files_close(backtest_output_t *output) {
    err_t *err = output->error;
    output->error = NULL;
    for (int i = 0; i < OUT_COUNT; i++) {
        if (fclose(output->files[i]) != 0 && !err) err = file_error("write", file_names[i]);
        output->files[i] = NULL;
    }
    return err;
}

err_t *backtest_output_close(backtest_output_t *output, const backtest_summary_t *summary) {
    scores_write(output);
    err_t *err = files_close(output);
    if (!err) err = summary_write(output, summary);
    backtest_output_drop(output);
    return err;
}
