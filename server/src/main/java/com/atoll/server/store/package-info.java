/**
 * PostgreSQL: transactions confined to one organization, events written with the change, secrets.
 */
@NullMarked
package com.atoll.server.store;

import org.jspecify.annotations.NullMarked;
