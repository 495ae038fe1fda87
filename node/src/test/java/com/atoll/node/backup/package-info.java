/** Tests of backups. */
@NullMarked
package com.atoll.node.backup;

import org.jspecify.annotations.NullMarked;
