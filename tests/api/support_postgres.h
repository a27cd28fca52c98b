/* A Postgres of the test's own, in a new directory under /tmp, with the tables the API reads. Failures end
 * the test program with a message. */
#pragma once

void postgres_start(void); /* no tables yet */
void postgres_stop(void);
void postgres_start_again(void); /* on the same port, with its data */
void postgres_remove(void);
const char *postgres_url(void);

void postgres_tables(void); /* as the migrations make them, empty */
void postgres_run(const char *sql);
/* The first value of the first row, malloc'ed. */
char *postgres_value(const char *sql);
