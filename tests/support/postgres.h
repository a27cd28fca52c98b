/* A Postgres of the test's own, in a new directory under /tmp. Failures end the test program with a message.
 */
#pragma once

void server_new(void);
void server_stop(void);
void server_crash(void); /* as if its machine had been switched off, but for what the disk holds */
void server_start(void); /* on the same port, with its data */
void server_remove(void);
const char *server_url(void);
const char *server_log(void); /* the path of its log */

/* An empty database; then with the tables as the migrations make them. */
void server_wipe(void);
void server_tables(void);
void server_run(const char *sql);
/* The first value of the first row, "" where there is none; valid until the next call but seven. */
const char *server_value(const char *sql);
