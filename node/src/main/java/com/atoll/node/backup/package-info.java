/**
 * Backups of a whole installation: the node's part in them, the program that writes one and the
 * program that makes an installation of one.
 */
@NullMarked
package com.atoll.node.backup;

import org.jspecify.annotations.NullMarked;
