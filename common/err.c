#include "common/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

struct err {
    char *message;
    int exit_code;
};

static err_t *err_newv(int exit_code, const char *format, va_list args) {
    err_t *err = malloc(sizeof *err);
    if (!err) abort();
    err->exit_code = exit_code;
    if (vasprintf(&err->message, format, args) < 0) abort();
    return err;
}

err_t *err_new(const char *format, ...) {
    va_list args;
    va_start(args, format);
    err_t *err = err_newv(EXIT_FAILED, format, args);
    va_end(args);
    return err;
}

err_t *err_new_code(int exit_code, const char *format, ...) {
    va_list args;
    va_start(args, format);
    err_t *err = err_newv(exit_code, format, args);
    va_end(args);
    return err;
}

err_t *err_wrap(err_t *err, const char *format, ...) {
    if (!err) return NULL;
    va_list args;
    va_start(args, format);
    char *context;
    if (vasprintf(&context, format, args) < 0) abort();
    va_end(args);
    err_t *wrapped = err_new_code(err->exit_code, "%s: %s", context, err->message);
    free(context);
    err_free(err);
    return wrapped;
}

const char *err_message(const err_t *err) { return err->message; }

int err_exit_code(const err_t *err) { return err->exit_code; }

void err_free(err_t *err) {
    if (!err) return;
    free(err->message);
    free(err);
}
