#include "common/hash.h"

#include <string.h>
#include <xxhash.h>

uint64_t hash64(const void *bytes, size_t size) { return XXH3_64bits(bytes, size); }

hash128_t hash128(const void *bytes, size_t size) {
    XXH128_hash_t hash = XXH3_128bits(bytes, size);
    return (hash128_t){.low = hash.low64, .high = hash.high64};
}

uint32_t hash_murmur2(const void *bytes, size_t size) {
    const uint32_t mix = 0x5bd1e995;
    const unsigned char *data = bytes;
    uint32_t hash = UINT32_C(0x9747b28c) ^ (uint32_t)size;
    size_t left = size;
    for (; left >= 4; data += 4, left -= 4) {
        uint32_t word;
        memcpy(&word, data, sizeof word);
        word *= mix;
        word ^= word >> 24;
        word *= mix;
        hash *= mix;
        hash ^= word;
    }
    if (left >= 3) hash ^= (uint32_t)data[2] << 16;
    if (left >= 2) hash ^= (uint32_t)data[1] << 8;
    if (left >= 1) {
        hash ^= data[0];
        hash *= mix;
    }
    hash ^= hash >> 13;
    hash *= mix;
    hash ^= hash >> 15;
    return hash;
}

uint32_t hash_partition(const void *key, size_t size, uint32_t partition_count) {
    return (hash_murmur2(key, size) & 0x7fffffff) % partition_count;
}
