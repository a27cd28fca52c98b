#include "tools/explain.h"

#include "tools/explain_view.h"
#include "tools/watch_fetch.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const setting_t settings_table[] = {
    {"PROCESSOR", "http://127.0.0.1:8081",
     "addresses of the processors, comma separated: asked until one has the wallet"},
    {"TX_ID", "", "of a transfer: findings say whether they name it"},
    {"MAX_HOPS", "", "longest path, hops"},
    {"PER_HOP_LIMIT", "", "paths of the same number of hops; empty: 10"},
    {"TOTAL_LIMIT", "", "paths in all, and counterparties; empty: 50"},
    {"JSON", "false", "as the processor answers"},
    {NULL, NULL, NULL},
};

enum { STATUS_ELSEWHERE = 421 };

static void add_encoded(buf_t *out, const char *text) {
    for (; *text; text++) {
        bool plain = (*text >= '0' && *text <= '9') || (*text >= 'a' && *text <= 'z') ||
                     (*text >= 'A' && *text <= 'Z');
        if (plain)
            buf_add_char(out, *text);
        else
            buf_printf(out, "%%%02X", (unsigned char)*text);
    }
}

static void add_parameter(buf_t *path, const char *name, const char *value) {
    if (!value || !*value) return;
    buf_add_char(path, memchr(path->data, '?', path->size) ? '&' : '?');
    buf_printf(path, "%s=", name);
    add_encoded(path, value);
}

static void path_make(const settings_t *settings, buf_t *path) {
    if (settings_argument_count(settings) == 2) {
        buf_add_str(path, "/state/explain/transfer");
        add_parameter(path, "src", settings_argument(settings, 0));
        add_parameter(path, "dst", settings_argument(settings, 1));
        add_parameter(path, "tx_id", settings_get(settings, "TX_ID"));
    } else {
        buf_add_str(path, "/state/explain/");
        add_encoded(path, settings_argument(settings, 0));
    }
    add_parameter(path, "max_hops", settings_get(settings, "MAX_HOPS"));
    add_parameter(path, "per_hop_limit", settings_get(settings, "PER_HOP_LIMIT"));
    add_parameter(path, "total_limit", settings_get(settings, "TOTAL_LIMIT"));
}

/* *out stays NULL where the instance says that another one has the wallet. */
static err_t *ask(const char *processor, const char *path, json_t **out) {
    fetcher_t *fetcher;
    TRY(fetcher_new(processor, &fetcher));
    err_t *err = fetcher_get(fetcher, path, out);
    if (err && fetcher_status(fetcher) == STATUS_ELSEWHERE) {
        err_free(err);
        err = NULL;
    } else if (err && fetcher_status(fetcher)) {
        /* It answered: that is no outage. */
        err_t *refused = err_new("%s", err_message(err));
        err_free(err);
        err = refused;
    }
    fetcher_free(fetcher);
    return err_wrap(err, "%s", processor);
}

static err_t *ask_each(const char *processors, const char *path, json_t **out) {
    char *copy = strdup(processors), *rest = NULL;
    if (!copy) abort();
    err_t *err = NULL;
    *out = NULL;
    for (char *one = strtok_r(copy, ", ", &rest); one && !err && !*out; one = strtok_r(NULL, ", ", &rest))
        err = ask(one, path, out);
    free(copy);
    if (err || *out) return err;
    return err_new("none of the processors %s has the wallet; name the others in --processor too",
                   processors);
}

static err_t *print(const json_t *answer, bool as_json) {
    buf_t text = {0};
    if (as_json) {
        char *json = json_dumps(answer, JSON_INDENT(2));
        if (!json) abort();
        buf_add_str(&text, json);
        buf_add_char(&text, '\n');
        free(json);
    } else {
        explain_view(answer, &text);
    }
    bool written = fwrite(text.data, 1, text.size, stdout) == text.size && fflush(stdout) == 0;
    buf_clear(&text);
    return written ? NULL : err_new("cannot write the explanation: %s", strerror(errno));
}

static err_t *explain_run(settings_t *settings) {
    int count = settings_argument_count(settings);
    if (count < 1 || count > 2)
        return err_new_code(EXIT_USAGE, "name a wallet, or the sender and the receiver of a transfer: "
                                        "amlstream explain WALLET, amlstream explain SRC DST --tx-id ID");
    buf_t path = {0};
    json_t *answer;
    path_make(settings, &path);
    err_t *err = ask_each(settings_get(settings, "PROCESSOR"), buf_cstr(&path), &answer);
    buf_clear(&path);
    if (!err) err = print(answer, settings_is_on(settings, "JSON"));
    json_decref(answer);
    return err;
}

const command_t explain_command = {
    .name = "explain",
    .summary = "Says why a wallet or a transfer is risky: paths, findings, counterparties, with transfers.",
    .arguments = "WALLET | SRC DST",
    .details =
        "Asks a processor for what its live state knows. A path that leads to wallets of another instance\n"
        "ends there, and the explanation says so.",
    .settings = settings_table,
    .run = explain_run,
};
