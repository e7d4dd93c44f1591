#include "pimjit/core/plugin_abi.h"

int pimjit_consumer_compiles(void);

/* The contract header compiles as C; what it declares is exercised by the toy chips. */
int pimjit_consumer_compiles(void) {
  return 1;
}
