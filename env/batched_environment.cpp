#include "env/batched_environment.h"
