#pragma once
// All of the room token.
#include <lofi/token/lead_sheet.hpp>
