#include "tools/backtest_explain.h"

#include "common/log.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void explain(engine_t *engine, const char *wallet, size_t size, buf_t *out) {
    explanation_t *explanation = explanation_new(wallet, size, &explain_limits_standard);
    engine_explain(engine, explanation);
    if (explanation_is_known(explanation)) {
        explanation_json(explanation, out);
        buf_add_char(out, '\n');
    } else {
        char *name = strndup(wallet, size);
        if (!name) abort();
        log_warn("a wallet that is to be explained is not in the input", LOG_STR("wallet", name));
        free(name);
    }
    explanation_free(explanation);
}

static err_t *write_text(const char *dir, const buf_t *text) {
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/explain.jsonl", dir);
    FILE *file = fopen(path, "we");
    bool written = file && fwrite(text->data, 1, text->size, file) == text->size;
    if (file) written = fclose(file) == 0 && written;
    return written
               ? NULL
               : err_new("cannot write \"%s\": %s; give another folder with --out", path, strerror(errno));
}

err_t *backtest_explain(engine_t *engine, const char *wallets, const char *dir) {
    buf_t text = {0};
    for (const char *at = wallets; *at;) {
        size_t size = strcspn(at, ",");
        if (size > WALLET_SIZE_MAX) {
            buf_clear(&text);
            return err_new_code(EXIT_USAGE, "EXPLAIN names a wallet of %zu bytes; it has at most %d", size,
                                WALLET_SIZE_MAX);
        }
        if (size) explain(engine, at, size, &text);
        at += size + (at[size] == ',');
    }
    buf_reserve(&text, 1);
    err_t *err = write_text(dir, &text);
    buf_clear(&text);
    return err;
}
