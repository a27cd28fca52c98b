/* Files for tests, in memory: they are gone with the process. */
#pragma once

#include <stddef.h>

/* Their paths; the caller frees. */
char *file_of(const void *bytes, size_t size);
char *file_of_text(const char *text);
char *file_packed(const void *bytes, size_t size); /* as gzip */
