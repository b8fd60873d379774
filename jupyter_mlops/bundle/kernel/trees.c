/* Adds up the leaves that rows of a matrix reach in the trees of a model.
 *
 * One function for every model: the trees are data (see kernel.py, which prepares them). It is the same sum in
 * the same order as scikit-learn's, in float64, so that results are equal to the last bit.
 *
 * A step down a tree waits for memory, not for arithmetic. So LANES trees are walked at once: while one waits,
 * the others step. A leaf's left child is the leaf itself, which lets all lanes take the same number of steps
 * without a branch that the processor would have to guess.
 */
#include <stdint.h>

enum { LANES = 8, ROWS = 32 };                                     /* measured; 32 rows stay near the processor */
enum { INDEX = 0x3fffffff, CATEGORY = 0x40000000 };                /* parts of a node's feature; the top bit is */
                                                                   /* set where a missing value goes right */
typedef struct {
    double threshold; /* at most this goes left; or, of a category, the number of its set */
    uint32_t feature; /* column and marks, as above */
    uint32_t left;    /* the left child; the right one follows it */
} Node;

typedef struct {
    const Node *nodes;
    const uint32_t *leaf;  /* for each node, the row of values it stands for */
    const double *values;  /* rows of `width` numbers */
    const uint32_t *root;  /* for each tree its first node ... */
    const uint32_t *depth; /* ... and the steps to its deepest leaf */
    const uint8_t *sets;   /* 32 bytes each: the categories 0 to 255 that go left, one bit each */
    int64_t trees, features, width, outputs, has_sets;
} Trees;

static inline uint32_t child(const Trees *m, const Node *node, const double *row, int has_sets) {
    double value = row[node->feature & INDEX];
    uint32_t nan_right = node->feature >> 31;
    if (has_sets && node->feature & CATEGORY) {
        const uint8_t *set = m->sets + 32 * (int64_t)node->threshold;
        int known = value >= 0 && value < 256; /* NaN is not */
        uint32_t category = known ? (uint32_t)value : 0;
        return node->left + (known ? !(set[category >> 3] >> (category & 7) & 1) : nan_right);
    }
    return node->left + ((value > node->threshold) | (nan_right & __builtin_isunordered(value, node->threshold)));
}

static inline void walk(const Trees *m, uint32_t at[LANES], uint32_t depth, const double *row, int has_sets) {
    for (uint32_t moved = 1; depth > 0 && moved; depth--) {
        moved = 0;
        for (int lane = 0; lane < LANES; lane++) {
            uint32_t next = child(m, m->nodes + at[lane], row, has_sets);
            moved |= next ^ at[lane];
            at[lane] = next;
        }
    }
}

static inline void add(const Trees *m, const double *rows, int64_t count, double *out, int has_sets) {
    for (int64_t tree = 0; tree < m->trees; tree += LANES) {
        int lanes = m->trees - tree < LANES ? (int)(m->trees - tree) : LANES;
        uint32_t depth = 0, at[LANES];
        for (int lane = 0; lane < lanes; lane++)
            if (m->depth[tree + lane] > depth) depth = m->depth[tree + lane];
        for (int64_t r = 0; r < count; r++) {
            for (int lane = 0; lane < LANES; lane++) at[lane] = m->root[tree + (lane < lanes ? lane : 0)];
            walk(m, at, depth, rows + r * m->features, has_sets);
            for (int lane = 0; lane < lanes; lane++) {
                /* Trees with one value for several outputs take turns: the first adds to the first output. */
                const double *values = m->values + m->leaf[at[lane]] * m->width;
                double *sums = out + r * m->outputs + (tree + lane) * m->width % m->outputs;
                for (int64_t i = 0; i < m->width; i++) sums[i] += values[i];
            }
        }
    }
}

/* rows: `count` times `features`; out: `count` times `outputs`, to which is added. Both C order. */
#ifdef _WIN32
__declspec(dllexport)
#else
__attribute__((visibility("default")))
#endif
void add_trees(const Trees *m, const double *rows, int64_t count, double *out) {
    for (int64_t at = 0; at < count; at += ROWS) {
        int64_t some = count - at < ROWS ? count - at : ROWS;
        if (m->has_sets)
            add(m, rows + at * m->features, some, out + at * m->outputs, 1);
        else
            add(m, rows + at * m->features, some, out + at * m->outputs, 0);
    }
}

#ifdef _WIN32
int DllMainCRTStartup(void *module, unsigned reason, void *reserved) { /* there is no library to start */
    (void)module, (void)reason, (void)reserved;
    return 1;
}
#endif
