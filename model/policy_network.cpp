#include "model/policy_network.h"
