// All of liblofi_radio: the body of the C interface.
#define LOFI_RADIO_IMPLEMENTATION
#include <lofi/radio.h>
