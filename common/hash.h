/* Hashes. None is for secrets. */
#pragma once

#include <stddef.h>
#include <stdint.h>

typedef struct {
    uint64_t low, high;
} hash128_t;

uint64_t hash64(const void *bytes, size_t size);       /* XXH3 */
hash128_t hash128(const void *bytes, size_t size);     /* XXH3, 128 bits */
uint32_t hash_murmur2(const void *bytes, size_t size); /* as in Kafka's Java client */
/* The partition that Kafka's default (murmur2) partitioner gives a key. */
uint32_t hash_partition(const void *key, size_t size, uint32_t partition_count);
