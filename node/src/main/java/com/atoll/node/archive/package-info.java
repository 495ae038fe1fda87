/**
 * Snapshots off the machine: incremental streams of btrfs, compressed, sealed, in a folder or an S3
 * bucket, and back.
 */
@NullMarked
package com.atoll.node.archive;

import org.jspecify.annotations.NullMarked;
