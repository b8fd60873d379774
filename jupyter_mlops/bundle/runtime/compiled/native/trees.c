/* Adds up the leaves that rows of a matrix reach in the trees of a model.
 *
 * One function for every model: the trees are data, prepared by forest.py and kernel.py. It makes the same sums
 * in the same order as scikit-learn, in float64, so that results are equal to the last bit.
 *
 * A step down a tree waits for memory, not for arithmetic. So LANES walks are under way at once: while one
 * waits, the others step. These are the walks of several rows in one tree, or of one row in several trees. A
 * leaf's left child is the leaf itself, which lets all lanes step on without a branch that has to be guessed.
 */
#include <stdint.h>

enum { LANES = 8 };             /* measured */
enum { INDEX = 0x3fffffff };    /* of a node's feature: the column; its top bit: a missing value goes right */
enum { CATEGORY = 0x40000000 }; /* and: the column holds categories */

typedef struct {
    double threshold; /* values up to this go left; or, with CATEGORY, the number of the set that goes left */
    uint32_t feature;
    uint32_t left;    /* the left child; the right one follows it */
} Node;

typedef struct {
    const Node *nodes;
    const uint32_t *leaf;  /* for each node, the row of values it stands for */
    const double *values;  /* rows of `width` numbers */
    const uint32_t *root;  /* for each tree its first node ... */
    const uint32_t *depth; /* ... and the steps to its deepest leaf */
    const uint8_t *sets;   /* 32 bytes each: the categories 0 to 255, one bit each */
    int64_t trees, features, width, outputs, has_sets;
} Trees;

static inline uint32_t child(const Trees *m, const Node *node, const double *row, int has_sets) {
    double value = row[node->feature & INDEX];
    uint32_t nan_right = node->feature >> 31;
    if (has_sets && node->feature & CATEGORY) {
        const uint8_t *set = m->sets + 32 * (int64_t)node->threshold;
        int known = value > -1 && value < 256; /* NaN is not; -0.5 is 0, as casts make it */
        uint32_t category = known ? (uint32_t)value : 0;
        return node->left + (known ? !(set[category >> 3] >> (category & 7) & 1) : nan_right);
    }
    uint32_t is_nan = __builtin_isunordered(value, node->threshold);
    return node->left + ((value > node->threshold) | (nan_right & is_nan));
}

static inline void walk(
    const Trees *m, uint32_t at[LANES], const double *const row[LANES], uint32_t depth, int has_sets) {
    for (uint32_t moved = 1; depth > 0 && moved; depth--) {
        moved = 0;
        for (int lane = 0; lane < LANES; lane++) {
            uint32_t next = child(m, m->nodes + at[lane], row[lane], has_sets);
            moved |= next ^ at[lane];
            at[lane] = next;
        }
    }
}

static inline void add(const Trees *m, int64_t tree, uint32_t node, double *sums) {
    const double *values = m->values + m->leaf[node] * m->width;
    sums += tree * m->width % m->outputs; /* trees with fewer values than outputs take turns */
    for (int64_t i = 0; i < m->width; i++) sums[i] += values[i];
}

static inline void add_all(const Trees *m, const double *rows, int64_t count, double *out, int has_sets) {
    uint32_t at[LANES];
    const double *row[LANES];
    int64_t r = 0;
    for (; count - r >= LANES; r += LANES) { /* rows enough for all lanes: tree by tree */
        for (int lane = 0; lane < LANES; lane++) row[lane] = rows + (r + lane) * m->features;
        for (int64_t tree = 0; tree < m->trees; tree++) {
            for (int lane = 0; lane < LANES; lane++) at[lane] = m->root[tree];
            walk(m, at, row, m->depth[tree], has_sets);
            for (int lane = 0; lane < LANES; lane++) add(m, tree, at[lane], out + (r + lane) * m->outputs);
        }
    }
    for (; r < count; r++) { /* row by row: a tree for each lane, and the first again where trees run out */
        for (int lane = 0; lane < LANES; lane++) row[lane] = rows + r * m->features;
        for (int64_t tree = 0; tree < m->trees; tree += LANES) {
            int lanes = m->trees - tree < LANES ? (int)(m->trees - tree) : LANES;
            uint32_t depth = 0;
            for (int lane = 0; lane < LANES; lane++) {
                int64_t own = tree + (lane < lanes ? lane : 0);
                at[lane] = m->root[own];
                if (m->depth[own] > depth) depth = m->depth[own];
            }
            walk(m, at, row, depth, has_sets);
            for (int lane = 0; lane < lanes; lane++) add(m, tree + lane, at[lane], out + r * m->outputs);
        }
    }
}

/* rows: `count` times `features`; out: `count` times `outputs`, to which is added. Both row after row. */
#ifdef _WIN32
__declspec(dllexport)
#else
__attribute__((visibility("default")))
#endif
void add_trees(const Trees *m, const double *rows, int64_t count, double *out) {
    if (m->has_sets)
        add_all(m, rows, count, out, 1);
    else
        add_all(m, rows, count, out, 0); /* compiled apart, without a question about sets in each step */
}

#ifdef _WIN32
int DllMainCRTStartup(void *module, unsigned reason, void *reserved) { /* there is no library to start */
    (void)module, (void)reason, (void)reserved;
    return 1;
}
#endif
