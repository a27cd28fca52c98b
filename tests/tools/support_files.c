#include "tests/tools/support_files.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <zlib.h>

static char *path_of(int fd) {
    char *path;
    ck_assert_int_gt(asprintf(&path, "/proc/self/fd/%d", fd), 0);
    return path;
}

char *file_of(const void *bytes, size_t size) {
    int fd = memfd_create("test", 0);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(write(fd, bytes, size), (ssize_t)size);
    return path_of(fd);
}

char *file_of_text(const char *text) { return file_of(text, strlen(text)); }

char *file_packed(const void *bytes, size_t size) {
    int fd = memfd_create("test", 0);
    ck_assert_int_ge(fd, 0);
    gzFile packer = gzdopen(dup(fd), "wb");
    ck_assert_int_eq(gzwrite(packer, bytes, (unsigned)size), (int)size);
    ck_assert_int_eq(gzclose(packer), Z_OK);
    return path_of(fd);
}
