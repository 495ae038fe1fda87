/**
 * The host's end of the guest protocol ({@code proto/guest.md}): one connection per call to the
 * agent of a sandbox. Everything that an agent says is hostile: sizes, counts and names are checked
 * here.
 */
@NullMarked
package com.atoll.node.guest;

import org.jspecify.annotations.NullMarked;
