#pragma once
// The headers of the room token that belong to the train door.
#include <lofi/token/json.hpp>
