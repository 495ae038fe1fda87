/** Accounts of people: login, sessions, one-time codes, preferences. */
@NullMarked
package com.atoll.server.accounts;

import org.jspecify.annotations.NullMarked;
