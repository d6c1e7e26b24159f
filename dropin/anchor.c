// SPDX-License-Identifier: MIT
/* The build wants a source of the library's own; its code comes whole from the floors. */
typedef int perigee_dropin_anchor;
