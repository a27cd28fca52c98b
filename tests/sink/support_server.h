/* A Postgres of the test's own, in a new directory under /tmp. Failures end the test program with a
 * message. */
#pragma once

void server_new(void);
void server_stop(void);
void server_start(void); /* on the same port, with its data */
void server_remove(void);
const char *server_url(void);

/* An empty database. */
void server_wipe(void);
/* The first value of the first row, "" where there is none; valid until the next call. */
const char *server_value(const char *sql);
