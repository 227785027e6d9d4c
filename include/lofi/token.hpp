#pragma once
// All of the room token.
#include <lofi/token/hands.hpp>
#include <lofi/token/lead_sheet.hpp>
#include <lofi/token/notechord.hpp>
