/* Between a client and the test's Postgres: cuts the connection in the middle of commits. */
#pragma once

/* Every `every`th COMMIT is cut, in turn before Postgres has it and after it has answered. One connection at
 * a time. */
void proxy_start(int every);
void proxy_stop(void);
const char *proxy_url(void);
int proxy_cuts(void); /* so far */
