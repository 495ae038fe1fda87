/** The database as rows: read in one snapshot, and put into an empty database of any version. */
@NullMarked
package com.atoll.server.store.rows;

import org.jspecify.annotations.NullMarked;
