/* An error that a person can act on. NULL is success.
 *
 * A fallible function returns `err_t *`; the caller owns it and must free it or pass it on. The message names
 * what happened, with which value, and what to do about it:
 *     cannot open state directory "data/state": permission denied; set AMLSTREAM_STATE_DIR */
#pragma once

typedef struct err err_t;

/* Exit codes of every command, also in `amlstream --help`. */
enum {
    EXIT_OK = 0,
    EXIT_FAILED = 1,      /* the work could not be done; the message says why */
    EXIT_USAGE = 2,       /* a flag, setting or argument is wrong */
    EXIT_UNAVAILABLE = 3, /* Kafka or Postgres did not answer in time; trying again may help */
    EXIT_STATE = 4,       /* state or topics contradict each other; needs a person */
};

err_t *err_new(const char *format, ...) __attribute__((format(printf, 1, 2)));
err_t *err_new_code(int exit_code, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Puts "<context>: " before the message. Takes and returns ownership; NULL stays NULL. */
err_t *err_wrap(err_t *err, const char *format, ...) __attribute__((format(printf, 2, 3)));
const char *err_message(const err_t *err);
int err_exit_code(const err_t *err);
void err_free(err_t *err); /* NULL is allowed */

/* Returns from the calling function with the error where there is one. */
#define TRY(call)                                                                                            \
    do {                                                                                                     \
        err_t *try_err_ = (call);                                                                            \
        if (try_err_) return try_err_;                                                                       \
    } while (0)
